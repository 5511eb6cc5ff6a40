package server

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFetchSaysWhyItFailed(t *testing.T) {
	_, err := Fetch(t.Context(), 9, t.TempDir())
	assert.EqualError(t, err, "no binaries of PostgreSQL 9 are offered")

	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Fetch(interrupted, 16, t.TempDir())
	assert.ErrorIs(t, err, context.Canceled)
}
