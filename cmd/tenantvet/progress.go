package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/tenantvet/tenantvet/livecheck"
)

// progress shows on a terminal how far audits are, and nothing anywhere else.
type progress struct {
	mu    sync.Mutex
	bar   *progressbar.ProgressBar // nil where nobody watches
	steps map[stepKey]livecheck.Step
}

type stepKey struct{ database, what string }

func newProgress(stderr io.Writer) *progress {
	p := &progress{steps: map[stepKey]livecheck.Step{}}
	if file, ok := stderr.(*os.File); ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb" {
		p.show(stderr)
	}
	return p
}

func (p *progress) show(w io.Writer) {
	p.bar = progressbar.NewOptions(1, progressbar.OptionSetWriter(w), progressbar.OptionSetWidth(24), progressbar.OptionSetDescription("connecting"),
		progressbar.OptionThrottle(50*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false), progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: ""}))
}

// step takes the news of one audit; several may run at once.
func (p *progress) step(s livecheck.Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		return
	}
	p.steps[stepKey{s.Database, s.What}] = s
	done, total := 0, 0
	for _, known := range p.steps {
		done, total = done+known.Done, total+known.Total
	}
	p.bar.Describe(p.describe(s.What))
	p.bar.ChangeMax(total + 1) // a full bar is over, and more may come
	_ = p.bar.Set(done)        // nobody minds a bar that cannot be drawn
}

// describe counts the databases and what is done in them.
func (p *progress) describe(what string) string {
	databases, done, total := map[string]bool{}, 0, 0
	for key, s := range p.steps {
		databases[key.database] = true
		if key.what == what {
			done, total = done+s.Done, total+s.Total
		}
	}
	parts := []string{what}
	if total > 1 {
		parts[0] = fmt.Sprintf("%s %d/%d", what, done, total)
	}
	if len(databases) > 1 {
		parts = append([]string{fmt.Sprintf("%d databases", len(databases))}, parts...)
	}
	return strings.Join(parts, ", ")
}

// end takes the bar away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
