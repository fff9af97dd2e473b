package fanvil

import (
	"testing"

	"provsim/internal/testing/bench"
)

// FA-SRC-6: the redirect server is asked after the other sources, and only where it is
// named.
func TestRedirect(t *testing.T) {
	p := bench.New(t, &Personality, example, nil, "redirect-server=http://r/fdps")
	p.Files["http://r/fdps?mac=0c383e07e16c"] = "http://h/$mac.cfg"
	if p.Boot(); p.Paths() != "/fdps?mac=0c383e07e16c /0c383e07e16c.cfg" {
		t.Errorf("asked %q", p.Log)
	}
	p = newPhone(t, nil, "redirect-server=http://r/fdps")
	if p.Boot(); p.Asked[0].Host != "h" {
		t.Errorf("with a stored server: asked %q", p.Log)
	}
	p = bench.New(t, &Personality, example, nil)
	if p.Boot(); p.Paths() != "" || p.Outcome() != "no-server" {
		t.Errorf("without one: %q", p.Log)
	}
}
