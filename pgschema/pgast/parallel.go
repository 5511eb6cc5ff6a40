package pgast

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Parsed is what Parse returns for one source.
type Parsed struct {
	Statements []*Statement
	Errors     []*Error
}

// batch is how many statements a worker takes at a time: enough to make the hand-over cheap, few
// enough that one large file keeps every worker busy.
const batch = 64

// ParseAll parses many sources, also large ones, on all processors. The results are in the order
// of the sources.
func ParseAll(sources []*Source) []Parsed {
	type job struct {
		source int
		spans  []span
		Parsed
	}
	results := make([]Parsed, len(sources))
	spans := make([][]span, len(sources))
	parallel(len(sources), func(i int) {
		spans[i] = split(sources[i].Text)
	})
	var jobs []*job
	for i, all := range spans {
		for len(all) > 0 {
			n := min(batch, len(all))
			jobs = append(jobs, &job{source: i, spans: all[:n]})
			all = all[n:]
		}
	}
	parallel(len(jobs), func(i int) {
		j := jobs[i]
		for _, at := range j.spans {
			j.add(parseSpan(sources[j.source], at))
		}
	})
	for _, j := range jobs {
		r := &results[j.source]
		r.Statements = append(r.Statements, j.Statements...)
		r.Errors = append(r.Errors, j.Errors...)
	}
	return results
}

// ParseSpan parses the one statement between two offsets of a source; it is nil for blank text.
func ParseSpan(source *Source, start, end int) (*Statement, *Error) {
	return parseSpan(source, span{start, end})
}

func parseSpan(source *Source, at span) (*Statement, *Error) {
	node, err := parseOne(source, at)
	if err != nil || node == nil {
		return nil, err
	}
	return &Statement{Node: node, Source: source, Start: at.start, End: at.end}, nil
}

func (p *Parsed) add(statement *Statement, err *Error) {
	switch {
	case err != nil:
		p.Errors = append(p.Errors, err)
	case statement != nil:
		p.Statements = append(p.Statements, statement)
	}
}

// parallel calls do for 0 to n-1 on all processors.
func parallel(n int, do func(int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	wait.Wait()
}
