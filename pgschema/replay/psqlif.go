package replay

import "strings"

// branch is one \if of psql that is not closed yet.
type branch struct {
	// known says that its condition is; otherwise all of it is applied.
	known bool
	// active says that its present part is applied, taken that one of its parts is.
	active, taken bool
	// from is where its present part begins.
	from int
}

// psqlBranch follows \if, \elif, \else and \endif and blanks the parts that are not applied. It reports whether the
// command is one of these and its condition is known.
func (b *blanker) psqlBranch(name, condition string, start, end int) (known, ok bool) {
	if name == "if" {
		value, known := b.psqlTruth(condition)
		outside := b.applies()
		b.branches = append(b.branches, branch{known || !outside, outside && (value || !known), value || !outside, end})
		return known || !outside, true
	}
	if name != "elif" && name != "else" && name != "endif" {
		return false, false
	}
	if len(b.branches) == 0 {
		return true, true
	}
	top := &b.branches[len(b.branches)-1]
	if top.known && !top.active {
		b.blank(top.from, start)
	}
	if name == "endif" {
		b.branches = b.branches[:len(b.branches)-1]
		return true, true
	}
	value, known := true, true
	if name == "elif" && !top.taken {
		value, known = b.psqlTruth(condition)
	}
	top.known = top.known && known
	top.active = !top.known || value && !top.taken
	top.taken = top.taken || value
	top.from = end
	return top.known, true
}

// closeBranches ends what no \endif does: psql applies none of a part that is not taken, and calls the rest an error.
func (b *blanker) closeBranches() {
	for _, open := range b.branches {
		if open.known && !open.active {
			b.blank(open.from, len(b.text))
		}
	}
	if n := len(b.branches); n > 0 {
		b.notes = append(b.notes, formatNote{offset: b.branches[n-1].from, what: `\if`, reason: `it has no \endif before the end of the file`})
	}
	b.branches = nil
}

// applies reports whether what stands here is applied.
func (b *blanker) applies() bool {
	for _, open := range b.branches {
		if !open.active {
			return false
		}
	}
	return true
}

// psqlTruth is the value of a condition as psql reads it: a boolean, or a variable that the file sets
// (PostgreSQL manual, psql).
func (b *blanker) psqlTruth(condition string) (value, known bool) {
	condition = strings.TrimSpace(condition)
	if name, ok := strings.CutPrefix(condition, ":"); ok {
		if condition, ok = b.variables[strings.Trim(name, `'"`)]; !ok {
			return false, false
		}
	}
	switch strings.ToLower(strings.Trim(condition, "'")) {
	case "1", "on", "t", "tr", "tru", "true", "y", "ye", "yes":
		return true, true
	case "0", "of", "off", "f", "fa", "fal", "fals", "false", "n", "no":
		return false, true
	}
	return false, false
}
