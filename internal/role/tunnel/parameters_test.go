package tunnel_test

import (
	"strings"
	"testing"

	"provsim/internal/role/tunnel"
)

// WT-PAR-1, WT-PAR-2.
func TestINI(t *testing.T) {
	p := tunnel.DefaultParameters()
	if (p != tunnel.Parameters{Path: "tun", User: "VPN", Password: "123456"}) {
		t.Errorf("defaults %+v", p)
	}
	err := p.ReadINI("a.ini", []byte("\ufeff; WSTunServer = 'no'\r\n[ BSP Params ]\r\nEnableSyslog = 1\r\nwstunserver='ovoc.example.com'\r\n"+
		"  WSTUNSERVERPATH   =  '/a/b' \nWSTunUsername = 'me'\nWSTunPassword = 'it''s = ; secret'\nWSTunSecured = 1\nWSTunVerifyPeer=1"))
	want := tunnel.Parameters{Server: "ovoc.example.com", Path: "/a/b", User: "me", Password: "it''s = ; secret", Secured: true, VerifyPeer: true}
	if err != nil || p != want {
		t.Errorf("got %+v, %v", p, err)
	}
	for text, want := range map[string]string{
		"\nWSTunSecured = yes":                      "a.ini:2: WSTunSecured: want 0 or 1",
		"WSTunServer = 'http://x/'":                 "a.ini:1: WSTunServer: found no server",
		"WSTunUsername = 'a:b'":                     "a.ini:1: WSTunUsername: found a colon",
		"WSTunPassword = 'a\x00b'":                  "a.ini:1: WSTunPassword: found a control character",
		"WSTunServer = 'h:0'":                       "a.ini:1: WSTunServer: found no server",
		"WSTunServer = " + strings.Repeat("h", 600): "a.ini:1: WSTunServer: found 600 bytes",
	} {
		err := p.ReadINI("a.ini", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

// WT-PAR-3.
func TestURLs(t *testing.T) {
	for want, p := range map[string]tunnel.Parameters{
		"http://10.0.0.1/tun":   {Server: "10.0.0.1", Path: "tun"},
		"https://ovoc:8443/tun": {Server: "ovoc:8443", Path: "/tun", Secured: true},
		"http://[2001:db8::1]/": {Server: "2001:db8::1"},
		"http://[::1]:81//x/y":  {Server: "[::1]:81", Path: "//x/y"},
		"http://h/a%20b%3Fc":    {Server: "h", Path: "a b?c"},
	} {
		u, err := p.URL()
		if err != nil || u.String() != want {
			t.Errorf("%+v: %v, %v, want %s", p, u, err, want)
		}
	}
	if _, err := (&tunnel.Parameters{}).URL(); err == nil {
		t.Error("an empty server has a URL")
	}
}

func TestParseURL(t *testing.T) {
	p, err := tunnel.ParseURL("wss://me:secret@127.0.0.1:8443/x")
	if want := (tunnel.Parameters{Server: "127.0.0.1:8443", Path: "/x", User: "me", Password: "secret", Secured: true}); err != nil || p != want {
		t.Errorf("got %+v, %v", p, err)
	}
	p, err = tunnel.ParseURL("http://ovoc")
	if want := (tunnel.Parameters{Server: "ovoc", Path: "tun", User: "VPN", Password: "123456"}); err != nil || p != want {
		t.Errorf("got %+v, %v", p, err)
	}
	for _, text := range []string{"", "ovoc", "ftp://ovoc", "ws://", "ws://h/?q", "ws://h:99999", "ws://a%0ab@h/"} {
		if _, err := tunnel.ParseURL(text); err == nil {
			t.Errorf("%q is taken", text)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Whatever an ini file holds, what it sets can be written and read again.
func FuzzINI(f *testing.F) {
	f.Add("WSTunServer = 'h:1'\nWSTunSecured = 1")
	f.Fuzz(func(t *testing.T, text string) {
		p := tunnel.DefaultParameters()
		if p.ReadINI("a.ini", []byte(text)) != nil {
			return
		}
		if _, err := p.URL(); (err == nil) != (p.Server != "") {
			t.Errorf("server %q: %v", p.Server, err)
		}
	})
}
