//go:build unix

package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// port only names the socket file; nothing listens on TCP.
const port = 5432

// Server is a running PostgreSQL server.
type Server struct {
	Major int

	dir     string // holds the socket, data/ and the log
	lock    *os.File
	process *os.Process
	exited  chan struct{} // closed once the server process has been reaped
}

// Start makes a database cluster with the binaries of a folder and starts a server on it. Settings
// such as "max_connections=200" are added to those that make it quick. The server ends with Close,
// and on Linux with this process in any case.
func Start(ctx context.Context, bin string, major int, extra ...string) (_ *Server, err error) {
	sweepOnce.Do(sweep)
	dir, lock, err := newDir()
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL %d: %w", major, err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
			lock.Close()
		}
	}()
	data := filepath.Join(dir, "data")

	initdb := Command(filepath.Join(bin, "initdb"), "-D", data, "-U", Superuser, "-A", "trust", "-N", "--locale=C", "--encoding=UTF8")
	initdb.Dir = dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb of PostgreSQL %d: %w\n%s", major, err, out)
	}

	args := []string{"-D", data, "-p", fmt.Sprint(port), "-k", dir}
	for _, setting := range append(settings[:len(settings):len(settings)], extra...) {
		args = append(args, "-c", setting)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	postgres := Command(filepath.Join(bin, "postgres"), args...)
	postgres.Dir = dir
	postgres.Stdout, postgres.Stderr = log, log

	s := &Server{Major: major, dir: dir, lock: lock, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The server is told to die with its parent, which to the kernel is the thread that forked it: keep that thread.
		runtime.LockOSThread()
		err := postgres.Start()
		started <- err
		if err == nil {
			postgres.Wait()
			close(s.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start PostgreSQL %d: %w", major, err)
	}
	s.process = postgres.Process
	if err := s.wait(ctx, time.Minute); err != nil {
		output, _ := os.ReadFile(log.Name())
		s.Close()
		return nil, fmt.Errorf("start PostgreSQL %d: %w\n%s", major, err, output)
	}
	return s, nil
}

// wait returns once the server answers.
func (s *Server) wait(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.DSN("postgres", Superuser))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.exited:
			return errors.New("the server ended at once")
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Close ends the server without ceremony, as its data is thrown away, and removes its files.
func (s *Server) Close() {
	s.process.Signal(syscall.SIGQUIT)
	select {
	case <-s.exited:
	case <-time.After(20 * time.Second):
		s.process.Kill()
		<-s.exited
	}
	os.RemoveAll(s.dir)
	s.lock.Close()
}

// SocketDir is the folder of the server's unix socket, the host to connect to.
func (s *Server) SocketDir() string { return s.dir }

// Log returns what the server has logged so far.
func (s *Server) Log() string {
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(log)
}

// Command prepares a program that refuses to run as root, as PostgreSQL and PgBouncer do: for root it runs as an
// unprivileged user, and it dies with this process. It inherits nothing of the environment that could change a result.
func Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = unprivileged()
	return cmd
}
