package gateway

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/internal/role"
	"provsim/internal/testing/peer"
)

// Where a file is asked for: the download path stands before its name unless that contains
// $$ or begins with "/" (SMG-HTTP-1); the Activator download path is a path on the file
// server or a URL, and by default the document's example (SMG-HTTP-2).
func TestDownloadURL(t *testing.T) {
	const (
		server = "Http Client File Server Ip Address = h:81\n"
		folder = server + "Http Client Download Path = /site\n"
		script = "Http Client Activator Download Path = "
	)
	for _, c := range []struct{ settings, file, want string }{
		{server, "a b.hdl", "http://h:81/activator/fileServer.asp?sn=00E0C8100001&file=a+b.hdl"},
		{folder, "a.hdl", "http://h:81/activator/fileServer.asp?sn=00E0C8100001&file=%2Fsite%2Fa.hdl"},
		{folder, "$$.ini", "http://h:81/activator/fileServer.asp?sn=00E0C8100001&file=%24%24.ini"},
		{folder, "x$$/a.hdl", "http://h:81/activator/fileServer.asp?sn=00E0C8100001&file=x%24%24%2Fa.hdl"},
		{folder, "/a.hdl", "http://h:81/activator/fileServer.asp?sn=00E0C8100001&file=%2Fa.hdl"},
		{server + "Http Client Secure Download = yes\nSerial Number = 00e0c8100002", "a", "https://h:81/activator/fileServer.asp?sn=00E0C8100002&file=a"},
		{server + script + "/files", "a&sn=1", "http://h:81/files?sn=00E0C8100001&file=a%26sn%3D1"},
		{server + script + "https://other:444/f.asp?v=1", "a", "https://other:444/f.asp?v=1&sn=00E0C8100001&file=a"},
	} {
		s := Defaults()
		if err := s.Read(strings.NewReader(c.settings)); err != nil {
			t.Fatal(err)
		}
		if got := s.download(c.file); got != c.want {
			t.Errorf("%q with %q: %s, want %s", c.file, c.settings, got, c.want)
		}
	}
	for _, wrong := range []string{"files", "//h/files", "ftp://h/files", "http:///files", ""} {
		if s := Defaults(); s.Set(script+wrong) == nil || s.ActivatorPath != Defaults().ActivatorPath {
			t.Errorf("%q is taken for an Activator download path (SMG-HTTP-2)", wrong)
		}
	}
}

// The files of the options are asked for in their order: again where no whole answer
// comes, and once where a status does. Without a server there is no request.
func TestDownloads(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.Method+" "+r.UserAgent()+" "+r.FormValue("file"))
		switch r.FormValue("file") {
		case "short":
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, "four")
		case "missing":
			http.NotFound(w, r)
		default:
			io.WriteString(w, "a secret file")
		}
	}))
	defer server.Close()
	run := func(settings string, files ...string) (events []string) {
		var log strings.Builder
		o := Options{Config: Config{Settings: Defaults(), Random: Crypto}, Log: role.NewLog(&log, false, time.Now()), Downloads: files}
		if err := o.Read(strings.NewReader(settings)); err != nil {
			t.Fatal(err)
		}
		var err error
		if o.Conn, err = net.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		s := Start(o)
		peer.Await(t, "the last download", func(context.Context) error {
			if n := len(o.Log.Recent()); n < len(files) {
				return fmt.Errorf("%d of %d have ended", n, len(files))
			}
			return nil
		})
		s.Close()
		for line := range strings.Lines(log.String()) {
			line = regexp.MustCompile(` took [0-9.]+ s,`).ReplaceAllString(line, "")
			events = append(events, strings.Join(strings.Fields(line)[1:], " "))
		}
		return events
	}
	address := "Http Client File Server Ip Address = " + strings.TrimPrefix(server.URL, "http://") + "\nHttp Client Connection Retries = 1\n"
	got := append(run(address, "short", "missing", "good"), run("", "lost")...)
	got = append(got, run(address+"Http Client Enabled = no", "lost")...)
	want := []string{
		`download.failed "short": the answer broke off after 4 bytes`,
		`download.failed status 404, "missing"`,
		`download.done status 200, "good": 13 bytes`,
		`download.failed "lost": Http Client File Server Ip Address is empty`,
		`download.failed "lost": Http Client Enabled is no`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
	mu.Lock()
	defer mu.Unlock()
	const agent = "GET SMG/00E0C8100001 "
	if diff := cmp.Diff([]string{agent + "short", agent + "short", agent + "missing", agent + "good"}, asked); diff != "" {
		t.Errorf("the requests (-want +got):\n%s", diff)
	}
}

// trickle answers each request with five bytes, each after a pause.
type trickle time.Duration

func (d trickle) RoundTrip(r *http.Request) (*http.Response, error) {
	from, to := io.Pipe()
	go func() {
		for range 5 {
			select {
			case <-time.After(time.Duration(d)):
				to.Write([]byte("x"))
			case <-r.Context().Done():
				to.CloseWithError(context.Canceled)
				return
			}
		}
		to.Close()
	}()
	return &http.Response{StatusCode: http.StatusOK, Body: from}, nil
}

// The inactivity timeout ends a download that pauses, not one that takes long.
func TestSlowDownload(t *testing.T) {
	for pause, want := range map[time.Duration]string{
		29 * time.Second: "200 5 ",
		31 * time.Second: "0 0 the Activator fell silent for 30s after 0 bytes",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &Server{ctx: t.Context(), options: Options{Config: Config{Settings: Defaults()}, Client: &http.Client{Transport: trickle(pause)}}}
			if status, size, why := s.ask(http.MethodGet, "http://h/f", ""); fmt.Sprint(status, size, " ", why) != want {
				t.Errorf("a pause of %v: %d %d %s, want %s", pause, status, size, why, want)
			}
		})
	}
}
