package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"provsim/device/vendors"
)

// The table of doc/vendors.md counts the rules of each family as the command does.
func TestVendorsPageCounts(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "doc", "vendors.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, p := range vendors.All() {
		v, err := vendorOf(p, false)
		if err != nil {
			t.Fatal(err)
		}
		_, row, found := strings.Cut(string(page), "\n| "+p.Vendor+" | ")
		if !found {
			continue
		}
		rows++
		var want []string
		for _, kind := range []string{"documented", "partly", "reading", "own"} {
			number := "0"
			if m := regexp.MustCompile(kind + ` (\d+)`).FindStringSubmatch(v.counts); m != nil {
				number = m[1]
			}
			want = append(want, number)
		}
		if counts := strings.Join(want, " | "); !strings.HasPrefix(row, counts+" | ") {
			t.Errorf("doc/vendors.md: the row of %s begins %.30q, want %q", p.Vendor, row, fmt.Sprintf("%s | ", counts))
		}
	}
	if rows < 9 {
		t.Errorf("doc/vendors.md has %d families in its table, want all", rows)
	}
}
