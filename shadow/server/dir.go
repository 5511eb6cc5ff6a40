//go:build unix

package server

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// dirPattern is short and /tmp is fixed: the path of a unix socket has room for 107 bytes, and TMPDIR may be long.
const dirPattern = "/tmp/tenantvet-pg-*"

var sweepOnce sync.Once

// newDir makes the directory of one server and locks it: the lock ends with the file, or with this process.
func newDir() (string, *os.File, error) {
	dir, err := os.MkdirTemp(filepath.Split(dirPattern))
	if err != nil {
		return "", nil, err
	}
	file, err := lock(dir)
	if err != nil {
		return "", nil, err
	}
	if uid, gid, ok := unprivilegedUser(); ok {
		if err := os.Chown(dir, uid, gid); err != nil {
			return "", nil, fmt.Errorf("hand the data directory to the unprivileged user: %w", err)
		}
	}
	return dir, file, nil
}

// sweep removes what processes left behind that were killed, 40 MB each.
func sweep() {
	dirs, _ := filepath.Glob(dirPattern)
	for _, dir := range dirs {
		// One made just now may not be locked yet.
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Minute {
			removeAbandoned(dir)
		}
	}
}

// removeAbandoned removes a server directory unless a process that lives has its lock.
func removeAbandoned(dir string) {
	file, err := lock(dir)
	if err != nil {
		return
	}
	os.RemoveAll(dir)
	file.Close()
}

// lock takes the lock of a server directory, or fails when another process has it.
func lock(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
