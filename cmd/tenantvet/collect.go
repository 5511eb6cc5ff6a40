package main

import (
	"os"
	"runtime/debug"
)

// collectLess lets the heap grow further before garbage is collected, unless GOGC says otherwise: a run on
// migrations lasts less than a second, and the trees of a schema stay until its end. It takes a third of the
// processor time for a third more memory.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}
