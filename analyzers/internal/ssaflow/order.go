package ssaflow

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// Dominates reports whether an instruction is executed on every path before another one of the same
// function.
func Dominates(a, b ssa.Instruction) bool {
	if a.Block() == b.Block() {
		return slices.Index(a.Block().Instrs, a) < slices.Index(b.Block().Instrs, b)
	}
	return a.Parent() == b.Parent() && a.Block().Dominates(b.Block())
}

// Reaches reports whether control can go on from the end of a block to another one, or in a loop to
// the same one.
func Reaches(from, to *ssa.BasicBlock) bool {
	seen := map[*ssa.BasicBlock]bool{}
	work := slices.Clone(from.Succs)
	for len(work) > 0 {
		block := work[len(work)-1]
		work = work[:len(work)-1]
		if block == to {
			return true
		}
		if !seen[block] {
			seen[block] = true
			work = append(work, block.Succs...)
		}
	}
	return false
}

// Precedes reports whether an instruction can be executed before another one of the same function,
// in a loop also in an earlier round.
func Precedes(a, b ssa.Instruction) bool {
	return a.Block() == b.Block() && Dominates(a, b) || Reaches(a.Block(), b.Block())
}

// ReachesPast reports whether control can go from behind one instruction to another one of the same function without
// executing a third.
func ReachesPast(from, to, without ssa.Instruction) bool {
	seen := map[*ssa.BasicBlock]bool{}
	block, start := from.Block(), slices.Index(from.Block().Instrs, from)+1
	var work []*ssa.BasicBlock
	for {
		rest := block.Instrs[start:]
		i := slices.IndexFunc(rest, func(instr ssa.Instruction) bool { return instr == to || instr == without })
		switch {
		case i >= 0 && rest[i] == to:
			return true
		case i < 0:
			for _, next := range block.Succs {
				if !seen[next] {
					seen[next] = true
					work = append(work, next)
				}
			}
		}
		if len(work) == 0 {
			return false
		}
		block, start, work = work[len(work)-1], 0, work[:len(work)-1]
	}
}

// Completes reports whether a call is over when the next instruction is executed: it is neither deferred nor run by go.
func Completes(call ssa.CallInstruction) bool {
	_, now := call.(*ssa.Call)
	return now
}

// Executions returns the instructions at which a call is executed: itself, or for one that is deferred the ends of the
// function that control reaches from there.
func Executions(call ssa.CallInstruction) []ssa.Instruction {
	var ends []ssa.Instruction
	if _, deferred := call.(*ssa.Defer); deferred {
		for _, block := range call.Parent().Blocks {
			for _, instr := range block.Instrs {
				if _, ok := instr.(*ssa.RunDefers); ok && Precedes(call, instr) {
					ends = append(ends, instr)
				}
			}
		}
	}
	if ends == nil {
		return []ssa.Instruction{call}
	}
	return ends
}
