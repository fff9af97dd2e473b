// Package gotest shows how a provisioning server's own tests use provsim. The
// server here has one configuration for all phones.
package gotest

import (
	"fmt"
	"net/http"
	"strings"
)

// NewServer returns a server that answers each phone's file, such as
// /0021f2000000.conf, with a configuration of this version.
func NewServer(version int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".conf") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprintf(w, "DBID_DBASE_VERSION=%d\nDBID_WEB_SIP_SERVER=sip.example.com\n", version)
	})
}
