// Package vettool makes tenantvet a tool of go vet: go vet -vettool=$(which tenantvet) ./...
//
// The go command runs the tool once per package and keeps its findings in the build cache, under a
// key that holds what the tool answers to -V=full. Files that the tool reads by itself are not in
// that key, so the answer carries the digest of the tenancy model and of all SQL input: after a
// migration changed, no stale finding is shown.
package vettool

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/tenantvet/tenantvet/project"
)

// Invoked reports whether the go command is the caller: it asks for the version or the flags, or
// gives the configuration of one package.
func Invoked(args []string) bool {
	switch {
	case len(args) == 0:
		return false
	case len(args) == 1 && (args[0] == "-V=full" || args[0] == "-flags"):
		return true
	}
	return strings.HasSuffix(args[len(args)-1], ".cfg")
}

// Main answers the go command and exits.
func Main(suite []*analysis.Analyzer) {
	if os.Args[1] != "-V=full" {
		unitchecker.Main(suite...)
	}
	dir, err := os.Getwd()
	if err == nil {
		err = printVersion(os.Stdout, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tenantvet:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// printVersion writes the line that cmd/go/internal/work.(*Builder).toolID reads.
func printVersion(w io.Writer, dir string) error {
	hash := sha256.New()
	name, err := os.Executable()
	if err != nil {
		return err
	}
	executable, err := os.Open(name)
	if err != nil {
		return err
	}
	defer executable.Close()
	if _, err := io.Copy(hash, executable); err != nil {
		return err
	}
	// A broken model file is reported with each package; here it is one more state of the input.
	p, err := project.Load(dir, project.Options{})
	if err != nil {
		fmt.Fprintf(hash, "\x00%v", err)
	} else {
		fmt.Fprintf(hash, "\x00%s", p.Digest)
	}
	_, err = fmt.Fprintf(w, "%s version devel model and schema buildID=%x\n", filepath.Base(name), hash.Sum(nil))
	return err
}
