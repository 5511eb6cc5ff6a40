package pgast

import "runtime"

// ahead is how many batches may be parsed before they are taken, which bounds the memory that the
// trees of a large file need.
const ahead = 32

// ParseEach parses many sources, also large ones, on all processors, and hands the statements and
// errors over in order, some at a time. Source is the index of the source that they come from.
func ParseEach(sources []*Source, take func(source int, part Parsed)) {
	type job struct {
		source int
		spans  []span
		parsed chan Parsed
	}
	work, order := make(chan job), make(chan job, ahead)
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for j := range work {
				var p Parsed
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
				j := job{i, all[:n], make(chan Parsed, 1)}
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
