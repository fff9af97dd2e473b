//go:build linux

package realservers

import (
	"testing"

	"provsim/conform/check"
	"provsim/internal/testing/peer"
)

var lighttpdArgs = []string{"-D", "-f", "{{.Dir}}/server.conf"}

var lighttpd = server{
	name:    check.Lighttpd,
	find:    func(t testing.TB) string { return peer.Find(t, "lighttpd", "lighttpd and lighttpd-mod-openssl") },
	version: "-v",
	setups: []setup{
		{name: "default", over: "http", config: "lighttpd-default.conf", args: lighttpdArgs, about: "As Debian installs it."},
		{name: "default", over: "https", config: "lighttpd-default.conf", args: lighttpdArgs, about: "The same with `ssl.verifyclient.enforce` on a second socket."},
		{name: "hardened", over: "https", config: "lighttpd-hardened.conf", site: "lighttpd.conf", args: lighttpdArgs, about: "What the checks advise."},
	},
	tries: []try{
		{
			[]string{"https/17"},
			"`curl --cert phone0.pem --key phone0.key https://localhost/fv0021F2011B1A.conf`, which is the other phone's file",
			"Status 200 with the file in the default setup, 401 in the hardened one.",
		},
		{
			[]string{"https/21", "files/26"},
			"`curl http://localhost/fv0021F2011B19.conf`, without key, certificate or password",
			"Status 200, the password of a line in it. The hardened setup answers 301 to HTTPS.",
		},
		{
			[]string{"http/25", "http/35"},
			"`curl -I http://localhost/fv0021F2011B19.conf`",
			"No `Cache-Control`, `Server: lighttpd/1.4.69`.",
		},
		{
			[]string{"http/22"},
			"`curl -d '' http://localhost/fv0021F2011B19.conf`",
			"Status 200 with the file; without a length, by `-X POST` alone, 411. 403 in the hardened setup.",
		},
		{
			[]string{"https/1", "https/16"},
			"`curl` without a certificate, and with an expired one",
			"Alerts \"certificate required\" and \"certificate expired\".",
		},
		{
			[]string{"https/8"},
			"`openssl s_client -tls1_1 -cipher DEFAULT@SECLEVEL=0`",
			"Alert 70, protocol version.",
		},
		{
			[]string{"https/19"},
			"`openssl s_client -tls1_2 -sess_out`, then `-sess_in` for the other phone's file without a certificate, in the hardened setup",
			"The session is resumed, the status is 401.",
		},
	},
}
