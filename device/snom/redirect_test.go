package snom

import (
	"strings"
	"testing"
)

// SN-SRC-2: a redirection counts where it leads to another setting_server with a file;
// else the next source does.
func TestRedirect(t *testing.T) {
	const answer = `<settings><phone-settings><setting_server perm="">http://b/p/</setting_server></phone-settings></settings>`
	for body, want := range map[string]string{
		answer:        "/r.php?mac=00041396D9B4 " + general + " " + specific,
		"language: x": "/r.php?mac=00041396D9B4 /d.xml",
		"not-found":   "/r.php?mac=00041396D9B4 /d.xml",
	} {
		p := newPhone(t, "setting_server=http://r/r.php?mac={mac}").Offer("66=http://d/d.xml")
		p.Files["http://r/r.php?mac=00041396D9B4"], p.Files["http://b"+specific], p.Files["http://d/d.xml"] = body, "language: Deutsch\n", "a: 1\n"
		if p.Boot(); p.Paths() != want {
			t.Errorf("%.20s: %q, want %s", body, p.Log, want)
		}
	}
	settings, _, ok := Personality.Expand("redirect-server", "http://r/{mac}")
	if !ok || len(settings) != 1 || settings[0].Name != "setting_server" || !strings.HasSuffix(settings[0].Value, "{mac}") {
		t.Errorf("--redirect-server stands for %v", settings)
	}
}
