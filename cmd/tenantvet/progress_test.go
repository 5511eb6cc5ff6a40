package main

import (
	"bytes"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/livecheck"
)

func TestProgressIsForTerminals(t *testing.T) {
	var stderr bytes.Buffer
	p := newProgress(&stderr)
	p.step(livecheck.Step{Database: "a", What: "catalog", Done: 1, Total: 1})
	p.end()
	assert.Empty(t, stderr.String())
}

func TestProgressOfSeveralAudits(t *testing.T) {
	var stderr bytes.Buffer
	p := newProgress(&stderr)
	p.show(&stderr)
	var audits sync.WaitGroup
	for _, database := range []string{"a", "b"} {
		audits.Go(func() {
			p.step(livecheck.Step{Database: database, What: "catalog", Done: 1, Total: 1})
			for done := range 11 {
				p.step(livecheck.Step{Database: database, What: "statements", Done: done, Total: 10})
			}
		})
	}
	audits.Wait()
	assert.Equal(t, "2 databases, statements 20/20", p.describe("statements"))
	p.end()
	drawn := stderr.String()
	assert.NotEmpty(t, drawn)
	p.end()
	p.step(livecheck.Step{Database: "a", What: "late", Total: 1})
	assert.Equal(t, drawn, stderr.String(), "the bar is gone")
}
