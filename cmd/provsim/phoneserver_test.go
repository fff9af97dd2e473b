package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// --server leads a phone of any vendor to its server, in phones and fleets alike.
func TestServerFlag(t *testing.T) {
	bodies := map[string]string{
		"/p/805ec0d57d72.cfg": "#!version:1.0.0.1\naccount.1.enable = 1\n",
		"/p/snomD785.htm":     "language: Deutsch\n",
		"/p/spa504G.cfg":      "<flat-profile><Resync_Periodic>600</Resync_Periodic></flat-profile>",
		"/p/IP542N.conf":      "DBID_DBASE_VERSION=1\n",
	}
	files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, ok := bodies[r.URL.Path]; ok {
			io.WriteString(w, body)
			return
		}
		http.NotFound(w, r)
	}))
	defer files.Close()
	url := files.URL + "/p/"
	for vendor, mac := range map[string]string{"yealink": "805ec0d57d72", "snom": "00041396d9b4", "cisco-spa": "000e08aabbcc", "flyingvoice": "0021f2011b19"} {
		t.Run(vendor, func(t *testing.T) {
			delay := map[string]string{"cisco-spa": "Resync_Random_Delay=0", "flyingvoice": "Resync Random Delay=0"}[vendor]
			args := []string{"phone", "--once", "--vendor", vendor, "--mac", mac, "--server", url, "--boot-time", "1ms"}
			if delay != "" {
				args = append(args, "--set", delay)
			}
			if code, out, talk := provsim(t.Context(), args...); code != 0 || !strings.Contains(talk, "applied") {
				t.Errorf("exit code %d, %q\n%s", code, talk, out)
			}
		})
	}
	code, _, talk := provsim(t.Context(), "phone", "--once", "--server", url, "--option66", "192.0.2.9")
	if code != exitUsage || !strings.Contains(talk, "--server and --option66 or --profile-rule each name a server") {
		t.Errorf("two servers: %d %q", code, talk)
	}
	if code, _, talk := provsim(t.Context(), "phone", "--once", "--server", "phones"); code != exitUsage || !strings.Contains(talk, "want a URL") {
		t.Errorf("no URL: %d %q", code, talk)
	}
}
