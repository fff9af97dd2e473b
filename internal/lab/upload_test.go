package lab_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pin/tftp/v3"

	"provsim/internal/lab"
)

// Clients that are not ours upload where the lab allows it, and nowhere else.
func TestUploads(t *testing.T) {
	l, _ := start(t, lab.Config{Uploads: []string{"/logs/"}})
	client, err := tftp.NewClient(l.Addr("tftp").String())
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, body string) error {
		to, err := client.Send(name, "octet")
		if err != nil {
			return err
		}
		_, err = to.ReadFrom(strings.NewReader(body))
		return err
	}
	put := func(method, name, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, l.URL("http", name), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
		return resp.StatusCode
	}
	big := strings.Repeat("x", 3000)
	if err := write("logs/a.txt", big); err != nil {
		t.Error(err)
	}
	if body, err := l.Files.Get("logs/a.txt"); string(body) != big {
		t.Errorf("%d bytes, %v; want those that were written", len(body), err)
	}
	for _, name := range []string{"IP542N.conf", "logs/../IP542N.conf", "logsx/a", "../logs"} {
		if err := write(name, "x"); err == nil || !strings.Contains(err.Error(), "these files are only read") {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
	for _, c := range []struct {
		method, name string
		status       int
	}{
		{"PUT", "logs/b.txt", 201}, {"PUT", "logs/b.txt", 204}, {"POST", "logs/a.txt", 204}, {"PUT", "IP542N.conf", 405}, {"PUT", "logs/../x", 405}, {"DELETE", "logs/b.txt", 405},
	} {
		if got := put(c.method, c.name, "x"); got != c.status {
			t.Errorf("%s %s: status %d, want %d", c.method, c.name, got, c.status)
		}
	}
	if got, want := strings.Join(l.Files.Names(), " "), "/logs/a.txt /logs/b.txt"; got != want {
		t.Errorf("files %s, want %s", got, want)
	}
}

// Uploads have a bound each and together.
func TestUploadsAreBounded(t *testing.T) {
	l, _ := start(t, lab.Config{Uploads: []string{"/"}})
	put := func(name string, size int) int {
		r, err := http.NewRequestWithContext(t.Context(), "PUT", l.URL("http", name), bytes.NewReader(make([]byte, size)))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	for _, c := range []struct {
		name         string
		size, status int
	}{
		{"1", 16<<20 + 1, 413}, {"1", 16 << 20, 201}, {"2", 16 << 20, 201}, {"3", 16 << 20, 201}, {"4", 16 << 20, 201},
		{"5", 1, 507}, {"4", 16 << 20, 204}, {"4", 1, 204}, {"5", 1, 201},
	} {
		if got := put(c.name, c.size); got != c.status {
			t.Errorf("%d bytes into %s: status %d, want %d", c.size, c.name, got, c.status)
		}
	}
}
