package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tenantvet/tenantvet/finding"
)

// Exit codes.
const (
	clean      = 0
	failing    = 1 // findings at or above --fail-on
	unfinished = 2 // the work could not be done, or not be finished
)

// errFailing and errUnfinished end a run whose report is already written.
var (
	errFailing    = errors.New("findings at or above --fail-on")
	errUnfinished = errors.New("some input could not be checked")
)

// run executes the command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cmd := newRoot()
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.ExecuteContext(ctx)
	switch {
	case err == nil:
		return clean
	case errors.Is(err, errFailing):
		return failing
	case errors.Is(err, errUnfinished):
		return unfinished
	case ctx.Err() != nil:
		err = errors.New("interrupted")
	}
	fmt.Fprintf(stderr, "tenantvet: %v\n", err)
	return unfinished
}

func newRoot() *cobra.Command {
	var c check
	cmd := &cobra.Command{
		Use:   "tenantvet [packages]",
		Short: "Find the ways from one tenant to another's data",
		Long: `Tenantvet answers one question about a multi-tenant service on PostgreSQL: can tenant A see,
change or detect tenant B's data through this line of Go, this statement, this schema?

Without a subcommand it checks the Go packages (./... unless others are named), the schema that
the migrations build, and the query files, all by one tenancy model: .tenantvet.yml, or what can
be inferred from the repository when there is none.

Exit codes: 0 clean, 1 findings at or above --fail-on, 2 some input could not be checked.`,
		Example: `  tenantvet ./...
  tenantvet --format sarif ./... > tenantvet.sarif
  tenantvet --changed-since origin/main ./...
  tenantvet schema db/migrations
  go vet -vettool=$(which tenantvet) ./...`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := plausible(cmd, args, c.dir); err != nil {
				return err
			}
			return c.everything(cmd, args)
		},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.CompletionOptions.HiddenDefaultCmd = true
	cmd.SetFlagErrorFunc(flagError)
	c.modelFlags(cmd)
	c.outputFlags(cmd)
	c.goFlags(cmd)
	cmd.AddCommand(newSchema(), newSQL(), newInit(), newRules(), newExplain(), newAudit(), newReport(), newProve(), newVersion())
	return cmd
}

// plausible refuses an argument that looks like a mistyped subcommand rather than a package.
func plausible(cmd *cobra.Command, args []string, dir string) error {
	if len(args) == 0 || strings.ContainsAny(args[0], "/.") {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, args[0])); err == nil {
		return fmt.Errorf("%q is a folder: write ./%s for the package in it", args[0], args[0])
	}
	var names []string
	for _, sub := range cmd.Commands() {
		names = append(names, sub.Name())
	}
	if near := finding.Nearest(args[0], names); near != "" {
		return fmt.Errorf("unknown command %q: did you mean tenantvet %s?", args[0], near)
	}
	return fmt.Errorf("%q is neither a command nor a package: packages are written ./like/this or ./...", args[0])
}

// flagError names the flag nearest to an unknown one.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := finding.Nearest(unknown.GetSpecifiedName(), names); near != "" {
		return fmt.Errorf("%w: did you mean --%s?", err, near)
	}
	return fmt.Errorf("%w: %s --help lists the flags", err, cmd.CommandPath())
}
