package snom

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"provsim/device"
	"provsim/device/steps"
	"provsim/internal/fetch/web"
	"provsim/internal/lab"
	"provsim/internal/testing/bench"
	"provsim/macro"
	"provsim/resync"
)

// SN-ID-4: a server that asks gets the factory certificate, whose name is the address. Only
// firmware 10 refuses a server whose authority it does not know, unless the quirk says
// otherwise.
func TestCertificates(t *testing.T) {
	ca, err := lab.NewAuthority("unknown to phones", lab.ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	id := example
	name, ok := strings.CutPrefix(macro.Expand(Personality.Subject, &device.Vars{Identity: id}, macro.Sipura), "CN=")
	cert, key, err := ca.Issue(lab.Leaf{Name: name})
	if err != nil || !ok {
		t.Fatal(err, Personality.Subject)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("user_name1: " + r.TLS.PeerCertificates[0].Subject.CommonName + "\n"))
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	number, _ := strconv.Atoi(port)
	for _, c := range []struct {
		software, quirk string
		want            resync.Outcome
	}{
		{"10.1.169.16", "", resync.TLSUntrusted}, {"10.1.169.16", "on", resync.None}, {"10.1.169.16", "off", resync.TLSUntrusted},
		{"8.7.5.35", "", resync.None}, {"8.7.5.35", "on", resync.None}, {"8.7.5.35", "off", resync.TLSUntrusted},
	} {
		quirks := device.Quirks{}
		if c.quirk != "" {
			quirks[steps.TLSNoVerify] = c.quirk
		}
		id.Software = c.software
		p := bench.New(t, &Personality, id, quirks, "setting_server=https://h/x.htm")
		p.Saved.Certificates = &device.Certificates{Cert: cert, Key: key}
		p.Boot()
		r := p.Asked[0]
		r.Host, r.Port = host, uint16(number)
		reply := (&web.Client{}).Fetch(t.Context(), r)
		if reply.Outcome != c.want || c.want == resync.None && string(reply.Body) != "user_name1: 00041396D9B4\n" {
			t.Errorf("firmware %s, %s=%q: %v %q %s, want %q", c.software, steps.TLSNoVerify, c.quirk, reply.Outcome, reply.Body, reply.Note, c.want)
		}
	}
}
