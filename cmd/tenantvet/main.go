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

	"github.com/tenantvet/tenantvet/analyzers"
	"github.com/tenantvet/tenantvet/cmd/tenantvet/internal/vettool"
)

func main() {
	if vettool.Invoked(os.Args[1:]) {
		vettool.Main(analyzers.Suite) // exits
	}
	args := concealed(os.Args[1:])
	ctx := interruptible(context.Background(), os.Stderr, os.Exit)
	os.Exit(await(ctx, grace, os.Stderr, func() int { return run(ctx, args, os.Stdout, os.Stderr) }))
}
