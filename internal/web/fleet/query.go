package fleet

import (
	"bytes"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/internal/tally"
	"provsim/internal/web/app"
	"provsim/resync"
)

// query says which devices somebody wants to see.
type query struct {
	Text    string // a device's number, or its address or a part of that, in any form
	State   string // a word of [tally.State]; empty: any
	Outcome string // of the last resync since the power came; empty: any
	Site    string // a kind of site, or a site's number; empty: any
	Page    int    // from 1
}

// longestText is the most characters of a query's texts.
const longestText = 64

func parseQuery(values url.Values) (query, error) {
	q := query{
		Text: strings.TrimSpace(values.Get("q")), State: values.Get("state"),
		Outcome: values.Get("outcome"), Site: strings.TrimSpace(values.Get("site")), Page: 1,
	}
	if text := values.Get("page"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return q, app.BadRequest("the page is no number from 1 on")
		}
		q.Page = n
	}
	if len(q.Text) > longestText || len(q.Site) > longestText {
		return q, app.BadRequest("a text to search for is longer than 64 characters")
	}
	if q.State != "" && !slices.Contains(stateWords(), q.State) {
		return q, app.BadRequest("found an unknown state, want one of " + strings.Join(stateWords(), ", "))
	}
	if q.Outcome != "" && !slices.Contains(outcomeWords(), q.Outcome) {
		return q, app.BadRequest("found an unknown outcome, want one of " + strings.Join(outcomeWords(), ", "))
	}
	return q, nil
}

func stateWords() (words []string) {
	for s := range tally.State(tally.NumStates) {
		words = append(words, s.String())
	}
	return words
}

func outcomeWords() (words []string) {
	for _, o := range resync.Outcomes() {
		words = append(words, o.String())
	}
	return words
}

// link returns the address of another page of the same query.
func (q query) link(page int) string {
	values := url.Values{}
	for name, text := range map[string]string{"q": q.Text, "state": q.State, "outcome": q.Outcome, "site": q.Site} {
		if text != "" {
			values.Set(name, text)
		}
	}
	if page > 1 {
		values.Set("page", strconv.Itoa(page))
	}
	if len(values) == 0 {
		return "/devices"
	}
	return "/devices?" + values.Encode()
}

// all reports whether the query is for every device.
func (q query) all() bool { return q.Text == "" && q.State == "" && q.Outcome == "" && q.Site == "" }

// test decides about one device.
type test func(i int) bool

// tests returns what a device has to pass, the cheapest first.
func (q query) tests(c Inventory, t *tally.Tally) []test {
	var list []test
	if q.State != "" {
		list = append(list, func(i int) bool { s, _ := t.Device(i); return s.String() == q.State })
	}
	if q.Outcome != "" {
		var want resync.Outcome
		_ = want.UnmarshalText([]byte(q.Outcome)) // it is one of outcomeWords
		list = append(list, func(i int) bool { _, o := t.Device(i); return o == want })
	}
	if q.Site != "" {
		list = append(list, siteTest(c, q.Site))
	}
	if q.Text != "" {
		list = append(list, textTest(c, q.Text))
	}
	return list
}

func siteTest(c Inventory, text string) test {
	if wanted, err := strconv.Atoi(text); err == nil && !slices.Contains(c.Sites(), text) {
		return func(i int) bool { _, n := c.Site(i); return n == wanted }
	}
	return func(i int) bool { kind, _ := c.Site(i); return kind == text }
}

// textTest finds a device's number, and a part of its address however that is
// written.
func textTest(c Inventory, text string) test {
	number, err := strconv.Atoi(text)
	isNumber := err == nil
	part := []byte(strings.ToLower(strings.NewReplacer(":", "", "-", "", ".", "").Replace(text)))
	isPart := len(part) > 0 && len(part) <= 2*len(device.MAC{}) && len(bytes.Trim(part, "0123456789abcdef")) == 0
	digits := make([]byte, 2*len(device.MAC{}))
	return func(i int) bool {
		if isNumber && c.Number(i) == number {
			return true
		}
		if !isPart {
			return false
		}
		mac := c.MAC(i)
		hex.Encode(digits, mac[:])
		return bytes.Contains(digits, part)
	}
}
