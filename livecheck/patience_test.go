package livecheck

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A read ends when the server is silent for too long, or at the deadline that the owner sets if that is
// earlier, also while the read waits.
func TestPatience(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	connect := func(patience time.Duration) net.Conn {
		conn, err := patient((&net.Dialer{}).DialContext, patience)(t.Context(), "tcp", silent.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	for name, tt := range map[string]struct {
		patience time.Duration
		set      func(c net.Conn)
	}{
		"silent":           {50 * time.Millisecond, func(net.Conn) {}},
		"deadline":         {time.Hour, func(c net.Conn) { c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)) }},
		"deadline is gone": {50 * time.Millisecond, func(c net.Conn) { c.SetDeadline(time.Now()); c.SetDeadline(time.Time{}) }},
		"deadline is late": {50 * time.Millisecond, func(c net.Conn) { c.SetDeadline(time.Now().Add(time.Hour)) }},
		"while it waits": {time.Hour, func(c net.Conn) {
			time.AfterFunc(50*time.Millisecond, func() { c.SetDeadline(time.Now()) })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			conn := connect(tt.patience)
			tt.set(conn)
			ended := make(chan error, 1)
			go func() { _, err := io.ReadFull(conn, make([]byte, 1)); ended <- err }()
			select {
			case err := <-ended:
				assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
			case <-time.After(10 * time.Second):
				t.Fatal("it still waits")
			}
		})
	}
}
