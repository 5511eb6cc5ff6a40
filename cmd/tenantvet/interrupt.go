package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
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
		fmt.Fprintln(stderr, "tenantvet: interrupted, without a report, as the work did not stop in time")
		return unfinished
	}
}

// interruptible returns a context that ends with the first signal, so that what was found is reported.
// A second signal ends the process at once.
func interruptible(ctx context.Context, stderr io.Writer, exit func(code int)) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		fmt.Fprintln(stderr, "tenantvet: interrupted again, without a report")
		exit(unfinished)
	}()
	return ctx
}
