//go:build linux

package realservers

import (
	"testing"

	"provsim/conform/check"
	"provsim/internal/testing/peer"
)

var nginxArgs = []string{"-c", "{{.Dir}}/server.conf", "-e", "stderr"}

var nginx = server{
	name:    check.Nginx,
	find:    func(t testing.TB) string { return peer.Find(t, "nginx", "nginx") },
	version: "-v",
	setups: []setup{
		{name: "default", over: "http", config: "nginx-default.conf", args: nginxArgs, about: "As Debian installs it."},
		{name: "default", over: "https", config: "nginx-default.conf", args: nginxArgs, about: "The same with `ssl_verify_client on` in a second server block."},
		{name: "hardened", over: "https", config: "nginx-hardened.conf", site: "nginx.conf", args: nginxArgs, about: "What the checks advise."},
	},
	tries: []try{
		{
			[]string{"https/17"},
			"`curl --cert phone0.pem --key phone0.key https://localhost/fv0021F2011B1A.conf`, which is the other phone's file",
			"Status 200 with the file in the default setup, 403 in the hardened one.",
		},
		{
			[]string{"https/21", "files/26"},
			"`curl http://localhost/fv0021F2011B19.conf`, without key, certificate or password",
			"Status 200, the password of a line in it. The hardened setup answers 301 to HTTPS.",
		},
		{
			[]string{"http/25", "http/35"},
			"`curl -I http://localhost/fv0021F2011B19.conf`",
			"No `Cache-Control`, `Server: nginx/1.22.1`.",
		},
		{
			[]string{"http/22"},
			"`curl -d '' http://localhost/fv0021F2011B19.conf`",
			"Status 405: nginx has no fault here.",
		},
		{
			[]string{"https/1", "https/16"},
			"`curl` without a certificate, and with an expired one",
			"Status 400 in both cases, after the handshake.",
		},
		{
			[]string{"https/8"},
			"`openssl s_client -tls1_1 -cipher DEFAULT@SECLEVEL=0`",
			"Alert 80, internal error: Debian's configuration names TLS 1.1, but OpenSSL 3 has no signature for it, so that the check passes.",
		},
		{
			[]string{"https/19"},
			"`openssl s_client -tls1_2 -sess_out`, then `-sess_in` for the other phone's file without a certificate, in the hardened setup",
			"The session is resumed, the status is 403.",
		},
		{
			[]string{"http/18"},
			"`curl http://localhost/`",
			"Status 403: nginx lists nothing unless it is told to.",
		},
	},
}
