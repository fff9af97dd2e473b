//go:build linux

package interop

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"provsim/internal/testing/peer"
)

// A tab is one tab of a browser that runs until the test ends.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// css is how the tests name elements.
type css = chromedp.CSS

// chromium starts Debian's Chromium with a profile of its own, or skips the test.
// It asks nothing of its maker's services: all that it meets is on loopback.
func chromium(t *testing.T) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(peer.Find(t, "chromium", "chromium")),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.WSURLReadTimeout(time.Minute),
	)
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("chromium does not end: %v", err)
		}
	})
	return &tab{t, ctx}
}

// do runs actions one after the other, with the patience that servers get.
func (b *tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, peer.Patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("%s: %v\nthe page says:\n%s", what, err, b.text())
	}
}

// evaluate returns the value of a script of the test, not of the page.
func evaluate[T any](b *tab, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, peer.Patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("script: %v", err)
	}
	return value
}

// text returns what the page shows.
func (b *tab) text() string {
	b.t.Helper()
	return evaluate[string](b, "document.body?.innerText ?? ''")
}

// open goes to a page. It tries again where the page does not load: the browser may
// still have a connection of its own under way that began while a phone was off.
func (b *tab) open(url string) {
	b.t.Helper()
	peer.Await(b.t, url+" to open", func(context.Context) error {
		ctx, cancel := context.WithTimeout(b.ctx, peer.Patience)
		defer cancel()
		return chromedp.Do(ctx, chromedp.Navigate(url))
	})
	b.do("open "+url, chromedp.WaitReady(css("main")))
}

// click clicks an element, and waits for an element of the page that follows. That page
// is a new one even where it looks the same.
func (b *tab) click(what, then css) {
	b.t.Helper()
	evaluate[string](b, `document.documentElement.dataset.old = "yes"`)
	b.do("click "+string(what), chromedp.Click(what, chromedp.NodeVisible), chromedp.WaitVisible("html:not([data-old]) "+then))
}

// press presses something that may leave no page behind.
func (b *tab) press(what css) {
	b.t.Helper()
	b.do("press "+string(what), chromedp.Click(what, chromedp.NodeVisible))
}

// comes waits for an element of a page that a script leads to.
func (b *tab) comes(element css) {
	b.t.Helper()
	b.do("wait for "+string(element), chromedp.WaitVisible(element))
}

// fill types a text into a field, in place of what it holds. The keys go to what has
// the focus: chromedp.SendKeys reads the node's attributes while another goroutine
// changes them.
func (b *tab) fill(field css, value string) {
	b.t.Helper()
	b.comes(field)
	const selectAll = "field => { field.focus(); field.select(); return document.activeElement === field }" // what is selected is replaced
	if !evaluate[bool](b, fmt.Sprintf("(%s)(document.querySelector(%q))", selectAll, field)) {
		b.t.Fatalf("%s does not take the focus\nthe page says:\n%s", field, b.text())
	}
	b.do("fill "+string(field), chromedp.KeyEvent(value))
}

// choose takes one of the values of a list.
func (b *tab) choose(field css, value string) {
	b.t.Helper()
	b.do("choose "+value, chromedp.SetValue(field, value))
}

// attach chooses a file to upload.
func (b *tab) attach(field css, file string) {
	b.t.Helper()
	b.do("choose the file "+file, chromedp.SetUploadFiles(field, []string{file}))
}

// shows expects texts on the page.
func (b *tab) shows(texts ...string) {
	b.t.Helper()
	page := b.text()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.t.Errorf("the page does not show %q:\n%s", text, page)
		}
	}
}

// waits waits for a text in an element, which a script puts there.
func (b *tab) waits(element css, text string) {
	b.t.Helper()
	const there = `(element, text) => document.querySelector(element)?.innerText.includes(text)`
	ctx, cancel := context.WithTimeout(b.ctx, peer.Patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.PollFunction[bool](there, chromedp.WithPollingArgs(string(element), text))); err != nil {
		b.t.Fatalf("wait for %q in %s: %v\nthe page says:\n%s", text, element, err, b.text())
	}
}

// withoutScript switches the scripts of pages off.
func (b *tab) withoutScript() {
	b.t.Helper()
	b.do("switch JavaScript off", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// looks makes the window so wide, and its colours light or dark.
func (b *tab) looks(width int64, scheme string) {
	b.t.Helper()
	b.do("change the window", chromedp.EmulateViewport(width, 800), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

// picture writes the whole page as NAME-WIDTH-SCHEME.png into the folder that
// PROVSIM_SCREENSHOTS names. Without it there is no picture: drawing takes longer
// than all else that a test does with a page.
func (b *tab) picture(name string, width int64, scheme string) {
	b.t.Helper()
	dir := os.Getenv("PROVSIM_SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, peer.Patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	peer.Publish(b.t, dir, map[string][]byte{fmt.Sprintf("%s-%d-%s.png", name, width, scheme): png})
}
