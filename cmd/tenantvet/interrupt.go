package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// grace is how long interrupted work may go on, to stop the servers that it started.
const grace = 5 * time.Second

// await returns the exit code of the work, or unfinished when the context has ended and the work has
// not within the grace.
func await(ctx context.Context, grace time.Duration, stderr io.Writer, work func() int) int {
	code := make(chan int, 1)
	go func() { code <- work() }()
	select {
	case c := <-code:
		return c
	case <-ctx.Done():
	}
	select {
	case c := <-code:
		return c
	case <-time.After(grace):
		fmt.Fprintln(stderr, "tenantvet: interrupted")
		return unfinished
	}
}
