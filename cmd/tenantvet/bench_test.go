//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkCheckout measures whole runs on the checkout that TENANTVET_BENCH_REPO names: processor time
// and peak memory, which a busy machine changes least. The export data of the checkout's dependencies
// is built beforehand, as after any go build; tenantvet itself keeps nothing between runs.
func BenchmarkCheckout(b *testing.B) {
	repo := os.Getenv("TENANTVET_BENCH_REPO")
	if repo == "" {
		b.Skip("TENANTVET_BENCH_REPO names no checkout: make bench REPO=path")
	}
	binary := filepath.Join(b.TempDir(), "tenantvet")
	command(b, ".", "go", "build", "-o", binary, ".")
	command(b, repo, "go", "list", "-e", "-export", "-deps", "./...")

	var cpu time.Duration
	var peak int64 // KiB
	for b.Loop() {
		state := command(b, repo, binary, "--format=json", "./...")
		cpu += state.UserTime() + state.SystemTime()
		peak = max(peak, state.SysUsage().(*syscall.Rusage).Maxrss)
	}
	b.ReportMetric(cpu.Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(peak)/1024, "peak-MB")
}

// command runs a command that may end with findings, and fails the benchmark when it does not run.
func command(b testing.TB, dir, name string, args ...string) *os.ProcessState {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), name, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && name != "go" {
		err = nil
	}
	require.NoError(b, err, "%s: %s", cmd, &stderr)
	return cmd.ProcessState
}
