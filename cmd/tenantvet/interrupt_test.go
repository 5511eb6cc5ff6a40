package main

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestAwait(t *testing.T) {
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	hang := make(chan int)
	defer close(hang)
	for name, c := range map[string]struct {
		ctx  context.Context
		work func() int
		want int
		said string
	}{
		"done":            {t.Context(), func() int { return failing }, failing, ""},
		"stops when told": {interrupted, func() int { <-interrupted.Done(); return clean }, clean, ""},
		"does not listen": {interrupted, func() int { return <-hang }, unfinished, "tenantvet: interrupted, without a report, as the work did not stop in time\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			assert.Equal(t, c.want, await(c.ctx, time.Second, &stderr, c.work))
			assert.Equal(t, c.said, stderr.String())
		})
	}
}
