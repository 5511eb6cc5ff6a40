package pgast

import "runtime"

// Parsed is what Parse returns for one source, or for a part of it.
type Parsed struct {
	Statements []*Statement
	Errors     []*Error
	// Last says that the part is the last one of its source.
	Last bool
}

// batch is how many statements a worker takes at a time: enough to make the hand-over cheap, few
// enough that one large file keeps every worker busy.
const batch = 64

// ahead is how many batches may be parsed before they are taken, which bounds the memory that the
// trees of a large file need.
const ahead = 32

// ParseEach parses many sources, also large ones, on all processors, and hands the statements and
// errors over in order, some at a time. Source is the index of the source that they come from.
func ParseEach(sources []*Source, take func(source int, part Parsed)) {
	type job struct {
		source int
		spans  []span
		last   bool
		parsed chan Parsed
	}
	work, order := make(chan job), make(chan job, ahead)
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for j := range work {
				p := Parsed{Last: j.last}
				for _, at := range j.spans {
					p.add(parseSpan(sources[j.source], at))
				}
				j.parsed <- p
			}
		}()
	}
	go func() {
		defer close(work)
		defer close(order)
		for i, source := range sources {
			for all := split(source.Text); len(all) > 0; {
				n := min(batch, len(all))
				j := job{i, all[:n], n == len(all), make(chan Parsed, 1)}
				order <- j
				work <- j
				all = all[n:]
			}
		}
	}()
	for j := range order {
		take(j.source, <-j.parsed)
	}
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
