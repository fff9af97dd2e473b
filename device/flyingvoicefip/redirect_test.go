package flyingvoicefip

import (
	"testing"

	"provsim/internal/testing/bench"
)

// FIP-SRC-1: the redirect server is the first source, where it is named.
func TestRedirect(t *testing.T) {
	p := bench.New(t, &Personality, example, nil, server, "static.auto_provision.redirect.url=http://r/zt")
	p.Files["http://r/zt?mac=0021f222aef1"] = "http://b/"
	if p.Boot(); p.Asked[0].URL() != "http://r/zt?mac=0021f222aef1" || p.Asked[1].URL() != "http://b/0021f222aef1.boot" {
		t.Errorf("asked %q", p.Log)
	}
}
