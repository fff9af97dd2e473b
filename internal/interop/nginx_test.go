//go:build linux

package interop

import (
	"testing"

	"provsim/resync"
)

var nginx = webKind{
	program: "nginx", pkg: "nginx", config: "nginx.conf",
	args: func(config string) []string { return []string{"-c", config, "-e", "stderr"} },
}

// nginx completes the handshake whatever certificate the phone shows, and
// answers 400 where it is not good enough (FV-OUT-2). It knows no Digest.
var nginxCases = []webCase{
	{running, "plain HTTP", "http://plain/IP542N.conf", none, resync.None, ""},
	{running, "TLS 1.2", "https://tls1.2/IP542N.conf", fine, resync.None, ""},
	{running, "TLS 1.3", "https://tls1.3/IP542N.conf", fine, resync.None, ""},
	{running, "a query", "http://plain/IP542N.conf?mac=0021f2011b19", none, resync.None, ""},
	{running, "a blank and UTF-8 in the name", "http://plain/Büro 1.conf", none, resync.None, ""},
	{running, "a file without bytes", "http://plain/empty.conf", none, resync.None, ""},
	{running, "a file as large as the limit", "https://tls1.2/limit.conf", fine, resync.None, ""},
	{running, "a file over the limit", "https://tls1.2/over.conf", fine, resync.TooLarge, "1048577"},

	{running, "no such file", "http://plain/missing.conf", none, resync.NotFound, "404"},
	{running, "no such file, TLS", "https://tls1.3/missing.conf", fine, resync.NotFound, "404"},
	{running, "a file of mode 000", "http://plain/unreadable.conf", none, resync.HTTPStatus, "403"},
	{running, "a file that is denied", "http://plain/denied.conf", none, resync.HTTPStatus, "403"},

	{running, "Basic", "http://phone:secret@plain/basic/IP542N.conf", none, resync.None, ""},
	{running, "Basic, TLS", "https://phone:secret@tls1.3/basic/IP542N.conf", fine, resync.None, ""},
	{running, "Basic, wrong password", "http://phone:guess@plain/basic/IP542N.conf", none, resync.Unauthorized, "the server refuses"},
	{running, "Basic, no password", "http://plain/basic/IP542N.conf", none, resync.Unauthorized, "no user and password"},

	{running, "301", "http://plain/to/301", none, resync.None, "redirected"},
	{running, "302", "http://plain/to/302", none, resync.None, "redirected"},
	{running, "303", "http://plain/to/303", none, resync.HTTPStatus, "303"},
	{running, "307", "http://plain/to/307", none, resync.None, "redirected"},
	{running, "308", "http://plain/to/308", none, resync.None, "redirected"},
	{running, "five redirects", "http://plain/hops/5", none, resync.None, "redirected"},
	{running, "six redirects", "http://plain/hops/6", none, resync.HTTPStatus, "more than 5 redirects"},
	{running, "a loop", "http://plain/loop", none, resync.HTTPStatus, "more than 5 redirects"},
	{running, "http to https", "http://plain/to/https", fine, resync.None, "redirected to https"},
	{running, "https to http", "https://tls1.2/to/http", fine, resync.HTTPStatus, "from https to http"},

	{running, "phone without certificate, TLS 1.2", "https://tls1.2/IP542N.conf", noCert, resync.HTTPStatus, "nginx asks for a client certificate"},
	{running, "phone without certificate, TLS 1.3", "https://tls1.3/IP542N.conf", noCert, resync.HTTPStatus, "nginx asks for a client certificate"},
	{running, "certificate of another CA, TLS 1.2", "https://tls1.2/IP542N.conf", otherCert, resync.HTTPStatus, "nginx refuses the client certificate"},
	{running, "certificate of another CA, TLS 1.3", "https://tls1.3/IP542N.conf", otherCert, resync.HTTPStatus, "nginx refuses the client certificate"},
	{running, "expired certificate, TLS 1.2", "https://tls1.2/IP542N.conf", oldCert, resync.HTTPStatus, "nginx refuses the client certificate"},
	{running, "expired certificate, TLS 1.3", "https://tls1.3/IP542N.conf", oldCert, resync.HTTPStatus, "nginx refuses the client certificate"},
	{running, "no pass phrase of the key", "https://tls1.3/IP542N.conf", lostPass, resync.TLSClientCert, "no pass phrase is given"},

	{running, "phone trusts another CA", "https://tls1.3/IP542N.conf", otherCA, resync.TLSUntrusted, "unknown authority"},
	{running, "phone trusts the system's CAs", "https://tls1.3/IP542N.conf", none, resync.TLSUntrusted, "unknown authority"},
	{running, "expired server certificate", "https://expired/IP542N.conf", fine, resync.TLSUntrusted, "expired on"},
	{running, "server certificate for another name", "https://other-name/IP542N.conf", fine, resync.TLSName, "server certificate"},
	{running, "http to a port of https", "http://tls1.3/IP542N.conf", none, resync.HTTPStatus, "the port speaks https"},
	{running, "https to a port of http", "https://plain/IP542N.conf", fine, resync.TLS, "does not speak TLS"},

	{stopped, "plain HTTP", "http://plain/IP542N.conf", none, resync.Refused, "connection refused"},
	{stopped, "TLS", "https://tls1.3/IP542N.conf", fine, resync.Refused, "connection refused"},
	{frozen, "plain HTTP", "http://plain/IP542N.conf", none, resync.Timeout, "waiting for the answer"},
	{frozen, "TLS", "https://tls1.3/IP542N.conf", fine, resync.Timeout, "TLS handshake"},
}

func TestNginx(t *testing.T) { nginx.check(t, nginxCases) }

func TestNginxTakesEveryFormOfTheKey(t *testing.T) { nginx.checkKeys(t) }

func TestNginxSeesThePhone(t *testing.T) { nginx.checkLog(t) }
