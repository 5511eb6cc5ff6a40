// Tenantvet answers one question about a multi-tenant service on PostgreSQL: can tenant A see,
// change or detect tenant B's data through this line of Go, this statement, this schema?
//
// It runs on its own and as a tool of go vet:
//
//	tenantvet ./...
//	go vet -vettool=$(which tenantvet) ./...
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/tenantvet/tenantvet/analyzers"
	"github.com/tenantvet/tenantvet/cmd/tenantvet/internal/vettool"
)

func main() {
	if vettool.Invoked(os.Args[1:]) {
		vettool.Main(analyzers.Suite) // exits
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := await(ctx, grace, os.Stderr, func() int { return run(ctx, os.Args[1:], os.Stdout, os.Stderr) })
	stop()
	os.Exit(code)
}
