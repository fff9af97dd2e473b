package http_test

import (
	"fmt"
	"io"
	nethttp "net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/http"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
)

// address finds that of a phone in a path or a User-Agent.
var address = regexp.MustCompile(`(?i)[0-9a-f]{2}(:?[0-9a-f]{2}){5}`)

func addressIn(text string) string {
	return strings.ToUpper(strings.ReplaceAll(address.FindString(text), ":", ""))
}

// own reports whether an address is that of a phone of the good server.
func own(mac string) bool { return mac == "0021F2011B19" || mac == "0021F2011B1A" }

// Provisioning systems make files anew, know phones by their User-Agent, enter
// those that they do not know, and look at the end of a path only. Nothing of that
// is a fault.
func TestProvisioningSystems(t *testing.T) {
	for _, test := range []struct {
		name   string
		system func(files nethttp.Handler) nethttp.Handler
		failed []string // what is right to say
	}{
		{"a system that knows phones by their User-Agent and writes the time into line 2", func(files nethttp.Handler) nethttp.Handler {
			var requests atomic.Int64
			return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				body, found := fileOf(files, r)
				switch {
				case !isRead(r):
					nethttp.Error(w, "read only", nethttp.StatusMethodNotAllowed)
				case !own(addressIn(r.URL.Path)) || addressIn(r.UserAgent()) != addressIn(r.URL.Path):
					nethttp.Error(w, "unknown device", nethttp.StatusForbidden)
				case !found:
					nethttp.NotFound(w, r)
				default:
					n := requests.Add(1)
					first, rest, _ := strings.Cut(body, "\n")
					plainly(w, fmt.Sprintf("%s\n#%.*f\n%s", first, n%4, float64(n), rest))
				}
			})
		}, []string{"http/34", "http/38"}},
		{"a system that enters phones at their first request", func(files nethttp.Handler) nethttp.Handler {
			var entered sync.Map
			return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				body, found := fileOf(files, r)
				mac := addressIn(r.URL.Path)
				_, known := entered.LoadOrStore(mac, true)
				switch {
				case !isRead(r):
					nethttp.Error(w, "read only", nethttp.StatusMethodNotAllowed)
				case !found && mac != "" && !own(mac) && known && strings.HasSuffix(r.URL.Path, ".conf"):
					plainly(w, "DBID_DBASE_VERSION=1\n# the account of phones that nobody has entered\n")
				case !found:
					nethttp.NotFound(w, r)
				default:
					plainly(w, body)
				}
			})
		}, []string{"http/1"}},
		{"a system that looks at the end of the path only", func(files nethttp.Handler) nethttp.Handler {
			return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				r.URL.Path = "/" + path.Base(r.URL.Path)
				body, found := fileOf(files, r)
				switch {
				case !isRead(r):
					nethttp.Error(w, "read only", nethttp.StatusMethodNotAllowed)
				case !found:
					nethttp.NotFound(w, r)
				default:
					plainly(w, body)
				}
			})
		}, nil},
		{"a system with exact paths, which knows GET and HEAD only", func(files nethttp.Handler) nethttp.Handler {
			return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				body, found := fileOf(files, r)
				switch {
				case !isRead(r):
					nethttp.Error(w, "no such method", nethttp.StatusNotImplemented)
				case !found:
					w.Header().Set("Content-Type", "text/html")
					w.WriteHeader(nethttp.StatusNotFound)
					io.WriteString(w, "<html><body>nothing here</body></html>")
				default:
					w.Header().Set("Cache-Control", "no-cache, no-store")
					plainly(w, body)
				}
			})
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := served(t, test.system)
			target.ProfileRule = strings.Replace(target.ProfileRule, goodserver.Rule, "/provisioning/token"+goodserver.Rule, 1)
			if strings.HasPrefix(test.name, "a system with exact") || strings.HasPrefix(test.name, "a system that enters") {
				target = served(t, test.system)
			}
			report, err := conform.Examine(t.Context(), target, conform.Options{Checks: http.Checks(), Patience: 4 * proof.Patience, Allow: check.Allow{Destructive: true}})
			if err != nil {
				t.Fatal(err)
			}
			var failed []string
			for _, r := range report.Results {
				switch r.Verdict {
				case check.Failed:
					failed = append(failed, r.Check.ID)
					if !slices.Contains(test.failed, r.Check.ID) {
						t.Errorf("%s %s: expected %q, actual %q, %s", r.Check.ID, r.Check.Title, r.Expected, r.Actual, r.Detail)
					}
				case check.Errored:
					t.Errorf("%s: %s", r.Check.ID, r.Detail)
				}
			}
			if diff := cmp.Diff(test.failed, failed); diff != "" {
				t.Errorf("what is right to say (-), what was said (+):\n%s", diff)
			}
		})
	}
}

func isRead(r *nethttp.Request) bool {
	return r.Method == nethttp.MethodGet || r.Method == nethttp.MethodHead
}

// fileOf returns the file that a request is for, wherever its folder is.
func fileOf(files nethttp.Handler, r *nethttp.Request) (string, bool) {
	got := httptest.NewRecorder()
	asked := httptest.NewRequest(nethttp.MethodGet, "/x", nil)
	asked.URL.Path = strings.TrimPrefix(r.URL.Path, "/provisioning/token")
	files.ServeHTTP(got, asked)
	return got.Body.String(), got.Code == nethttp.StatusOK
}

// plainly answers with a file, and no header by which a client could see that it is the same.
func plainly(w nethttp.ResponseWriter, body string) {
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	io.WriteString(w, body)
}
