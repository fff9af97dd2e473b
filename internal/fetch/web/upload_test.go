package web_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"provsim/device"
	"provsim/internal/lab"
	"provsim/resync"
)

func upload(t *testing.T, url string, method device.Method, body string) device.Request {
	t.Helper()
	req := request(t, url)
	req.Method, req.Type, req.Body = method, "text/plain", func() []byte { return []byte(body) }
	return req
}

// What a server gets of a PUT and a POST, and what its answers come to.
func TestUploads(t *testing.T) {
	const text = "line 1\nline 2\n"
	for _, c := range []struct {
		name    string
		method  device.Method
		status  int
		answer  string
		outcome resync.Outcome
		body    string // of the reply
		note    string
	}{
		{"PUT, created", device.Write, 201, "", resync.Sent, "", ""},
		{"PUT, replaced", device.Write, 204, "", resync.Sent, "", ""},
		{"PUT, with an answer", device.Write, 200, "thanks", resync.Sent, "", ""},
		{"PUT, accepted", device.Write, 202, "", resync.Sent, "", ""},
		{"PUT, forbidden", device.Write, 403, "", resync.HTTPStatus, "", "403 Forbidden"},
		{"PUT, no such folder", device.Write, 404, "", resync.NotFound, "", "404 Not Found"},
		{"PUT, not here", device.Write, 405, "", resync.HTTPStatus, "", "405 Method Not Allowed"},
		{"PUT, a conflict", device.Write, 409, "", resync.HTTPStatus, "", "409 Conflict"},
		{"PUT, too large", device.Write, 413, "", resync.HTTPStatus, "", "413 Request Entity Too Large"},
		{"POST, with an answer", device.Post, 200, "reboot", resync.Sent, "reboot", ""},
		{"POST, without one", device.Post, 204, "", resync.Sent, "", ""},
		{"POST, an error", device.Post, 500, "stack trace", resync.HTTPStatus, "", "500 Internal Server Error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			at := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				got = append(got, fmt.Sprint(r.Method, " ", r.URL.Path, " ", r.Header.Get("Content-Type"), " ", r.ContentLength, " ", string(body), err))
				w.WriteHeader(c.status)
				io.WriteString(w, c.answer)
			})
			reply := fetch(t, upload(t, at+"/log.txt", c.method, text))
			if reply.Outcome != c.outcome || string(reply.Body) != c.body || reply.Note != c.note {
				t.Errorf("%+v, want %v with %q and the note %q", reply, c.outcome, c.body, c.note)
			}
			if c.outcome == resync.Sent && (reply.Bytes != int64(len(text)) || reply.Status != 0) {
				t.Errorf("%d bytes, status %d", reply.Bytes, reply.Status)
			}
			word := map[device.Method]string{device.Write: "PUT", device.Post: "POST"}[c.method]
			if want := fmt.Sprint(word, " /log.txt text/plain ", len(text), " ", text, "<nil>"); len(got) != 1 || got[0] != want {
				t.Errorf("the server got %q, want %q once", got, want)
			}
		})
	}
}

func TestAnEmptyUpload(t *testing.T) {
	length := int64(-1)
	at := serve(t, func(w http.ResponseWriter, r *http.Request) { length = r.ContentLength })
	req := request(t, at+"/f")
	req.Method = device.Write
	expect(t, fetch(t, req), resync.Sent, "")
	if length != 0 {
		t.Errorf("Content-Length %d, want 0", length)
	}
}

// A redirect is followed with the body, by a POST only where it stays a POST.
func TestRedirectedUploads(t *testing.T) {
	for _, status := range []int{301, 302, 307, 308} {
		for _, method := range []device.Method{device.Write, device.Post} {
			var got []string
			at := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = append(got, r.Method+" "+r.URL.Path+" "+string(body))
				if r.URL.Path == "/a" {
					w.Header().Set("Location", "/b")
					w.WriteHeader(status)
				}
			})
			reply := fetch(t, upload(t, at+"/a", method, "x"))
			if method == device.Post && status < 307 {
				expect(t, reply, resync.HTTPStatus, fmt.Sprintf("%d %s: a post is redirected by 307 or 308", status, http.StatusText(status)))
				continue
			}
			expect(t, reply, resync.Sent, "redirected to "+at+"/b")
			word := strings.Fields(got[0])[0]
			if want := word + " /b x"; len(got) != 2 || got[1] != want {
				t.Errorf("%d: the server got %q, want %q at last", status, got, want)
			}
		}
	}
}

// Basic and Digest prove the password for the method and the body that are sent.
func TestUploadsWithAPassword(t *testing.T) {
	for _, scheme := range []lab.Scheme{lab.Basic, lab.DigestMD5, lab.DigestSHA256} {
		l := startLab(t, lab.Config{
			Uploads: []string{"/logs/"}, Realms: []lab.Realm{{Prefix: "/logs/", User: "phone", Password: "secret", Schemes: []lab.Scheme{scheme}}},
		})
		for _, method := range []device.Method{device.Write, device.Post} {
			req := upload(t, l.URL("http", "/logs/a.txt"), method, fmt.Sprint("by ", method))
			expect(t, fetch(t, req), resync.Unauthorized, "401 Unauthorized: the rule has no user and password")
			req.User, req.Password = "phone", "secret"
			expect(t, fetch(t, req), resync.Sent, "")
			if body, err := l.Files.Get("/logs/a.txt"); err != nil || string(body) != fmt.Sprint("by ", method) {
				t.Errorf("scheme %d, %v: %q, %v", scheme, method, body, err)
			}
			req.Password = "wrong"
			expect(t, fetch(t, req), resync.Unauthorized, "401 Unauthorized: the server refuses user and password")
		}
	}
}
