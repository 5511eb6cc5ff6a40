package page

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// browser is a tab that remembers what it must not do.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string
	errors   []string
}

// start starts Chromium, or ends the test where there is none: a skip on a developer's machine, a
// failure where it is promised.
func start(t *testing.T) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("TENANTVET_REQUIRE_SERVERS") == "1" {
			t.Fatal("chromium is not installed and TENANTVET_REQUIRE_SERVERS=1; run .ci/servers")
		}
		t.Skip("chromium is not installed; run .ci/servers")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.DisableGPU, chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.WindowSize(1280, 900))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			b.requests = append(b.requests, e.Request.URL)
		case *runtime.EventExceptionThrown:
			b.errors = append(b.errors, e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
		case *runtime.EventConsoleAPICalled:
			b.errors = append(b.errors, fmt.Sprint("console ", e.Type))
		case *log.EventEntryAdded: // among them what the content security policy refused
			b.errors = append(b.errors, e.Entry.Text)
		}
	}))
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	b.prefer("light")
	return b
}

// open shows a page in the tab.
func (b *browser) open(p *Page) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "report.html")
	require.NoError(b.t, os.WriteFile(file, []byte(written(b.t, p)), 0o600))
	b.run(chromedp.Navigate("file://"+file), chromedp.WaitVisible(chromedp.CSS("#theme")))
}

// patience bounds each step.
const patience = time.Minute

func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	require.NoError(b.t, chromedp.Do(ctx, steps...))
}

// call sends one command of the DevTools protocol.
func call[P, R any](b *browser, command cdp.Command[P, R], params P) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, command, params)
	require.NoError(b.t, err)
}

// text evaluates an expression as text.
func (b *browser) text(expression string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
	require.NoError(b.t, err)
	return text
}

func (b *browser) click(selector string) {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS(selector)))
}

func (b *browser) enter(selector, keys string) {
	b.t.Helper()
	b.run(chromedp.SendKeys(chromedp.CSS(selector), keys))
}

// prefer makes the system prefer a theme, and nothing to move: a click would miss what scrolls under it.
func (b *browser) prefer(theme string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// first is the text of the first cell of a class in a table.
func (b *browser) first(table, class string) string {
	b.t.Helper()
	return b.text(fmt.Sprintf(`document.querySelector("#%s-table tbody td.%s").textContent`, table, class))
}

func (b *browser) rows(table string) string {
	b.t.Helper()
	return b.text(fmt.Sprintf(`document.querySelectorAll("#%s-table tbody tr:not(.detail)").length`, table))
}

func TestInBrowser(t *testing.T) {
	b := start(t)
	b.open(sample())

	assert.Equal(t, "tenantvet: leaks", b.text("document.title"))
	assert.Equal(t, "0", b.text(`document.querySelectorAll("img").length`))
	assert.Contains(t, b.text(`document.getElementById("matrix-table").textContent`), hostile)

	// Sorting.
	header := func(n int) string { return fmt.Sprintf("#matrix-table th:nth-child(%d)", n) }
	assert.Equal(t, "public.notes", b.first("matrix", "name"), "what leaks comes first")
	b.click(header(1) + " button")
	assert.Equal(t, "ascending", b.text(`document.querySelector("`+header(1)+`").ariaSort`))
	assert.Equal(t, hostile, b.first("matrix", "name"))
	b.click(header(1) + " button")
	assert.Equal(t, "descending", b.text(`document.querySelector("`+header(1)+`").ariaSort`))
	assert.Equal(t, "public.payments", b.first("matrix", "name"))
	b.click("#statements-table th:nth-child(4) button")
	assert.Contains(t, b.first("statements", "text"), "FROM customers", "most calls first")

	// Filtering.
	b.enter("#matrix input[type=search]", "order")
	assert.Equal(t, "3", b.rows("matrix"))
	assert.Equal(t, "3 of 9", b.text(`document.querySelector("#matrix .tally").textContent`))
	b.click("#matrix .chip")
	assert.Equal(t, "1", b.rows("matrix"), "of them one leaks")
	b.enter("#matrix input[type=search]", "zzz")
	b.run(chromedp.WaitVisible(chromedp.CSS("#matrix .empty")))

	// A plan, a witness, a fix.
	const plan = "#statements-table tbody tr:nth-child(2) .reveal"
	b.click(plan)
	assert.Equal(t, "true", b.text(`document.querySelector("`+plan+`").ariaExpanded`))
	assert.Contains(t, b.text(`document.querySelector("#statements-table tr.detail").textContent`), "Filter: (tenant_id =")
	b.click(plan)
	assert.Equal(t, "null", b.text(`document.querySelector("#statements-table tr.detail")`))
	b.click("#findings-table tbody tr:nth-child(1) .reveal")
	assert.Contains(t, b.text(`document.querySelector("#findings-table tr.detail").textContent`), "ENABLE ROW LEVEL SECURITY")

	// The chart.
	assert.Contains(t, b.text(`document.querySelector(".chart svg").ariaLabel`), "34.0 %")
	b.click("#skew .chip:nth-of-type(2)")
	assert.Contains(t, b.text(`document.querySelector(".chart svg").ariaLabel`), "52.0 %")

	// Theme.
	background := "getComputedStyle(document.body).backgroundColor"
	b.prefer("light")
	light := b.text(background)
	b.prefer("dark")
	dark := b.text(background)
	assert.NotEqual(t, light, dark, "the system decides")
	b.click("#theme")
	b.click("#theme")
	assert.Equal(t, "Theme: light", b.text(`document.getElementById("theme").textContent`))
	assert.Equal(t, light, b.text(background), "the reader decides")

	// A phone.
	b.run(chromedp.EmulateViewport(390, 844))
	assert.Equal(t, "true", b.text("document.documentElement.scrollWidth <= innerWidth"), "nothing to scroll sideways")

	b.quiet()
}

// Everything can be reached and used with a keyboard alone, and shows where the focus is.
func TestKeyboard(t *testing.T) {
	b := start(t)
	b.open(sample())
	focused := func(expression string) string { return b.text("document.activeElement." + expression) }
	tabTo := func(selector string) {
		t.Helper()
		for range 80 {
			b.run(chromedp.KeyEvent(kb.Tab))
			if focused(fmt.Sprintf("matches(%q)", selector)) == "true" {
				assert.NotEqual(t, "none", b.text("getComputedStyle(document.activeElement).outlineStyle"), "the focus on %s is visible", selector)
				return
			}
		}
		t.Fatalf("no Tab leads to %s", selector)
	}
	b.run(chromedp.KeyEvent(kb.Tab))
	assert.Equal(t, "Skip to the report", focused("textContent"))
	b.run(chromedp.KeyEvent(kb.Enter))
	assert.Equal(t, "main", focused("id"))
	tabTo("#matrix .chip")
	b.run(chromedp.KeyEvent(" "))
	assert.Equal(t, "3", b.rows("matrix"))
	tabTo("#matrix-table th:nth-child(2) button")
	b.run(chromedp.KeyEvent(kb.Enter))
	assert.Equal(t, "ascending", focused("parentNode.ariaSort"))
	tabTo("#matrix-table button.pill")
	b.run(chromedp.KeyEvent(kb.Enter))
	assert.Contains(t, b.text(`document.querySelector("#matrix-table tr.detail").textContent`), "SELECT * FROM public.notes;")
	tabTo("#findings-table .reveal")
	b.run(chromedp.KeyEvent("/"))
	assert.Equal(t, "INPUT", focused("tagName"))
	b.run(chromedp.KeyEvent("customers"))
	assert.Contains(t, focused("value"), "customers", "a slash leads to a filter")
	b.quiet()
}

// A page about 20,000 relations is ready soon and answers at once.
func TestManyRows(t *testing.T) {
	b := start(t)
	began := time.Now()
	b.open(many(20_000))
	assert.Less(t, time.Since(began), time.Minute)
	t.Logf("shown after %v", time.Since(began).Round(time.Millisecond))
	assert.Equal(t, "50", b.rows("matrix"))
	timed := func(what, action string) {
		t.Helper()
		took := b.text(`(() => { const began = performance.now(); ` + action + `; document.body.offsetHeight; return Math.round(performance.now() - began); })()`)
		t.Logf("%s: %s ms", what, took)
		ms, err := strconv.Atoi(took)
		require.NoError(t, err)
		assert.Less(t, ms, 2000, what) // on a busy machine; 20 to 40 on an idle one
	}
	timed("filter", `const i = document.querySelector("#matrix input"); i.value = "tenant_0999"; i.dispatchEvent(new Event("input"))`)
	assert.Equal(t, "20", b.rows("matrix"))
	timed("clear", `const i = document.querySelector("#matrix input"); i.value = ""; i.dispatchEvent(new Event("input"))`)
	timed("sort", `document.querySelector("#matrix-table th button").click()`)
	timed("more", `document.querySelector("#matrix .more").click()`)
	assert.Equal(t, "250", b.rows("matrix"))
	b.quiet()
}

// A fleet's databases have a table of their own, and each row says where it is from.
func TestSeveralDatabases(t *testing.T) {
	b := start(t)
	p := sample()
	p.Databases = append(p.Databases, Database{Name: "db2.internal/shop", Verdict: "undecided", Partial: "the connection was lost"})
	for i := range p.Relations {
		p.Relations[i].Database = p.Databases[i%2].Name
	}
	b.open(p)
	assert.Equal(t, "2", b.rows("databases"))
	assert.Contains(t, b.text(`document.getElementById("databases-table").textContent`), "the connection was lost")
	b.enter("#matrix input[type=search]", "db2.internal")
	assert.Equal(t, "4", b.rows("matrix"))
	b.quiet()
}

// quiet holds that the page asked nothing of the network and had no error.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	assert.Empty(b.t, b.errors)
	assert.Len(b.t, b.requests, 1, "the file itself")
	for _, url := range b.requests {
		assert.True(b.t, strings.HasPrefix(url, "file://"), url)
	}
}
