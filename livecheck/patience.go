package livecheck

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// patience is how long a server may be silent while an answer is waited for. It ends each statement of an
// audit after a minute at most, so that one which says nothing for longer is gone, or behind a network
// that drops what it is sent.
const patience = 90 * time.Second

// patient makes connections that give up on a server that is silent.
func patient(dial pgconn.DialFunc, patience time.Duration) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &patientConn{Conn: conn, patience: patience}, nil
	}
}

// patientConn is a connection whose reads have a deadline each, unless an earlier one is set.
type patientConn struct {
	net.Conn
	patience time.Duration
	deadline atomic.Pointer[time.Time] // that of the owner
}

func (c *patientConn) Read(p []byte) (int, error) {
	until := time.Now().Add(c.patience)
	if set := c.deadline.Load(); set != nil && !set.IsZero() && set.Before(until) {
		return c.Conn.Read(p) // it is in force
	}
	if err := c.Conn.SetReadDeadline(until); err != nil {
		return 0, err
	}
	if set := c.deadline.Load(); set != nil && !set.IsZero() && set.Before(until) { // which came up in between
		if err := c.Conn.SetReadDeadline(*set); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(p)
}

func (c *patientConn) SetDeadline(t time.Time) error {
	c.deadline.Store(&t)
	return c.Conn.SetDeadline(t)
}

func (c *patientConn) SetReadDeadline(t time.Time) error {
	c.deadline.Store(&t)
	return c.Conn.SetReadDeadline(t)
}
