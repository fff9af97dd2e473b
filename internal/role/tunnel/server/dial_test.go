package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/icholy/digest"

	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/client"
	"provsim/internal/role/tunnel/server"
)

// WT-CON-5: up to 3 redirects of four statuses are followed, to HTTP alone, and
// without name and password to another host.
func TestRedirects(t *testing.T) {
	e := start(t, false, nil)
	other := strings.Replace(e.http.URL, "127.0.0.1", "127.0.0.2", 1)
	for _, c := range []struct {
		name   string
		status int
		to     string
		hops   int32
		want   string
	}{
		{"307", 307, e.http.URL + "/tun", 0, "tunnel.ready"},
		{"301 to ws", 301, strings.Replace(e.http.URL, "http", "ws", 1) + "/tun", 0, "tunnel.ready"},
		{"three", 302, e.http.URL + "/tun", 2, "tunnel.ready"},
		{"with a query, which is not logged", 307, e.http.URL + "/tun?token=hidden", 0, "tunnel.ready"},
		{"four", 308, e.http.URL + "/tun", 3, "more than 3 redirects"},
		{"303", 303, e.http.URL + "/tun", 0, "http-status"},
		{"another scheme", 307, "ftp://127.0.0.1/", 0, "neither ws, wss, http nor https"},
		{"another host", 307, other + "/tun", 0, "refuse"},
	} {
		var asked atomic.Int32
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			target := c.to
			if asked.Add(1) <= c.hops {
				target = r.URL.Path
			}
			http.Redirect(w, r, target, c.status)
		}))
		defer front.Close()
		p := e.parameters()
		p.Server = strings.TrimPrefix(front.URL, "http://")
		d := connect(t, e, 1, tunnel.Services{}, func(o *client.Options) { o.Parameters = func(int) tunnel.Parameters { return p } })
		eventually(t, c.name+": "+c.want, func() bool { return d.log.has(c.want) })
		if d.log.has("hidden") {
			t.Errorf("%s: the query is in the log", c.name)
		}
	}
}

// WT-CON-6, WT-SVC-5: all that a device does goes through one outgoing connection.
func TestOneConnection(t *testing.T) {
	e := start(t, false, func(o *server.Options) {
		o.Services.Files = files([]byte("x"))
		o.Services.Poll = 100 * time.Millisecond
	})
	var opened atomic.Int32
	often := tunnel.Pace(50 * time.Millisecond)
	connect(t, e, 1, tunnel.Services{Files: often, NTP: often, Syslog: often, QoE: often, DebugRecording: often}, func(o *client.Options) {
		o.Open = func(ctx context.Context, network, address string) (net.Conn, error) {
			opened.Add(1)
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}
	})
	for _, name := range []string{"http", "ntp", "syslog", "qoe", "debug recording", "snmp, answers"} {
		eventually(t, name+" is used", func() bool { return e.Count(name) > 3 })
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("the device has opened %d connections", n)
	}
}

// WT-SVC-3: the community and the size of a report are the user's.
func TestServiceOptions(t *testing.T) {
	e := start(t, false, func(o *server.Options) { o.Services.Community = "lab" })
	connect(t, e, 1, tunnel.Services{QoE: tunnel.Pace(50 * time.Millisecond)}, func(o *client.Options) { o.Community, o.QoEBytes = "lab", 777 })
	stranger := connect(t, e, 1, tunnel.Services{}, func(o *client.Options) { o.Serial = func(int) uint64 { return 999 } })
	eventually(t, "reports come", func() bool { return e.Count("qoe") > 2 })
	eventually(t, "the stranger's trap is not understood", func() bool { return e.Count("snmp, not understood") == 1 && stranger.log.has("tunnel.ready") })
	for _, row := range e.Tables()[1].Rows {
		if row[0] != "qoe" {
			continue
		}
		var count, bytes int
		if _, err := fmt.Sscan(row[1]+" "+row[2], &count, &bytes); err != nil || bytes != 777*count {
			t.Errorf("%v, %v", row, err)
		}
	}
	if got, err := e.Command(t.Context(), "poll 258"); err != nil || !strings.Contains(got, "sysDescr provsim") {
		t.Errorf("%q, %v", got, err)
	}
}

// WT-CON-4: the vectors of the specification's section 9.
func TestDigestVectors(t *testing.T) {
	for algorithm, want := range map[string]string{
		"MD5": "bbf8503f4df77719a295306d70a1926f", "SHA-256": "69a166304324edbc237d710ebf9f497b4f6b166594f6c3cef058d70b0f78ad59",
	} {
		c := &digest.Challenge{Realm: "tun", Nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c0", QOP: []string{"auth"}, Algorithm: algorithm}
		got, err := client.Digest(c, "VPN", "123456", "/tun", "0a4f113b")
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %s, %v, want %s", algorithm, got, err, want)
		}
	}
}
