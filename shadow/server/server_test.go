//go:build unix

package server

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childVariable makes this test binary start a server with the binaries it names, say where, and wait
// to be killed.
const childVariable = "TENANTVET_SERVER_CHILD"

func TestMain(m *testing.M) {
	if bin := os.Getenv(childVariable); bin != "" {
		s, err := Start(context.Background(), bin, 0)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.process.Pid, s.dir)
		select {}
	}
	os.Exit(m.Run())
}

func installed(t *testing.T) string {
	t.Helper()
	for major := 15; major <= 18; major++ {
		if bin, ok := Find(major, CacheDir()); ok {
			return bin
		}
	}
	if os.Getenv("TENANTVET_REQUIRE_SERVERS") == "1" {
		t.Fatal("no PostgreSQL is installed and TENANTVET_REQUIRE_SERVERS=1; run .ci/servers")
	}
	t.Skip("no PostgreSQL is installed; run .ci/servers")
	return ""
}

func TestFindLooksAtTheWholeInstallation(t *testing.T) {
	cache := t.TempDir()
	bin := filepath.Join(cache, "postgres", "99", "bin")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "postgres"), nil, 0o755))
	_, ok := Find(99, cache)
	assert.False(t, ok, "a client-only installation has no initdb")
	require.NoError(t, os.WriteFile(filepath.Join(bin, "initdb"), nil, 0o755))
	found, ok := Find(99, cache)
	assert.True(t, ok)
	assert.Equal(t, bin, found)
}

// A process can be killed, by a time-out or by a person; neither its server nor its files may stay.
func TestServerDiesWithTheProcess(t *testing.T) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+installed(t))
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	var pid int
	var dir string
	if _, err := fmt.Sscan(line, &pid, &dir); err != nil {
		t.Fatalf("the child said %q: %v", line, err)
	}

	removeAbandoned(dir)
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("removed the files of a running server: %v", err)
	}
	child.Process.Kill()
	child.Wait()
	deadline := time.Now().Add(20 * time.Second)
	for alive(pid) && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	if alive(pid) {
		syscall.Kill(pid, syscall.SIGKILL)
		t.Fatal("the server outlived its process")
	}
	removeAbandoned(dir)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

// alive reports whether a process runs. An orphan that ended may stay a zombie where init reaps nothing.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
