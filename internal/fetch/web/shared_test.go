package web_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"provsim/internal/fetch/web"
	"provsim/resync"
)

// One client for all devices mixes nothing up: each gets its own file, also
// after others have failed on the same buffers.
func TestOneClientForManyDevices(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch number := strings.TrimPrefix(r.URL.Path, "/"); {
		case strings.HasSuffix(number, "3"):
			http.NotFound(w, r)
		case strings.HasSuffix(number, "7"):
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, "cut short")
		default:
			fmt.Fprint(w, strings.Repeat(number+" ", 500))
		}
	}))
	server.Config.ErrorLog = quiet
	defer server.Close()
	client := new(web.Client)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			reply := client.Fetch(t.Context(), request(t, fmt.Sprintf("%s/%d", server.URL, i)))
			outcome, body := resync.None, strings.Repeat(fmt.Sprint(i, " "), 500)
			switch i % 10 {
			case 3:
				outcome, body = resync.NotFound, ""
			case 7:
				outcome, body = resync.Truncated, ""
			}
			if reply.Outcome != outcome || string(reply.Body) != body {
				t.Errorf("device %d: %v with %.20q, want %v with %.20q", i, reply.Outcome, reply.Body, outcome, body)
			}
		})
	}
	all.Wait()
}

// A phone of this age knows no post-quantum key exchange, and its hello fits
// into one packet.
func TestHelloIsThatOfItsAge(t *testing.T) {
	hellos := make(chan *tls.ClientHelloInfo, 1)
	client := web.Client{DialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go tls.Server(theirs, &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			hellos <- hello
			return nil, errors.New("enough")
		}}).Handshake()
		return ours, nil
	}}
	client.Fetch(t.Context(), request(t, "https://prov.example/f"))
	want := []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}
	if got := (<-hellos).SupportedCurves; !slices.Equal(got, want) {
		t.Errorf("key exchanges %v, want %v", got, want)
	}
}
