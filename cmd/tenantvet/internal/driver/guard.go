package driver

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/finding"
)

// panicLog holds the first panic of each package; later ones mostly follow from it.
type panicLog struct {
	mu    sync.Mutex
	first map[string]finding.Skipped
}

func (l *panicLog) add(pkg, analyzer string, value any, stack []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.first[pkg]; !ok {
		l.first[pkg] = finding.Skipped{
			What: pkg, Broken: true,
			Reason: fmt.Sprintf("analyzer %s failed: %v (at %s); please report it", analyzer, value, panicSite(stack)),
		}
	}
}

func (l *panicLog) skipped() []finding.Skipped {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []finding.Skipped
	for _, s := range l.first {
		all = append(all, s)
	}
	return all
}

// guard makes the analyzers and all they require survive a panic: the package then has an empty
// result, and the run goes on. It changes the analyzers in place, since their results are looked up
// by identity; a process calls it once.
func guard(analyzers []*analysis.Analyzer) *panicLog {
	log := &panicLog{first: map[string]finding.Skipped{}}
	seen := map[*analysis.Analyzer]bool{}
	var visit func([]*analysis.Analyzer)
	visit = func(list []*analysis.Analyzer) {
		for _, a := range list {
			if !seen[a] {
				seen[a] = true
				a.Run = recovering(log, a, a.Run)
				visit(a.Requires)
			}
		}
	}
	visit(analyzers)
	return log
}

func recovering(log *panicLog, a *analysis.Analyzer, run func(*analysis.Pass) (any, error)) func(*analysis.Pass) (any, error) {
	return func(pass *analysis.Pass) (result any, err error) {
		defer func() {
			if value := recover(); value != nil {
				log.add(pass.Pkg.Path(), a.Name, value, debug.Stack())
				result, err = emptyResult(a.ResultType), nil
			}
		}()
		return run(pass)
	}
}

// emptyResult returns a result of the type that an analyzer declares.
func emptyResult(t reflect.Type) any {
	switch {
	case t == nil:
		return nil
	case t.Kind() == reflect.Pointer:
		return reflect.New(t.Elem()).Interface()
	}
	return reflect.Zero(t).Interface()
}

// panicSite returns the file and line of the call that panicked, from the text of a stack.
func panicSite(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "panic(") })
	for _, line := range lines[max(at, 0):] {
		place, ok := strings.CutPrefix(line, "\t")
		if !ok || strings.Contains(place, "/runtime/") {
			continue
		}
		place, _, _ = strings.Cut(place, " ")
		return place[strings.LastIndex(place, "/")+1:]
	}
	return "an unknown place"
}
