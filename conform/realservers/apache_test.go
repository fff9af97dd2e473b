//go:build linux

package realservers

import (
	"testing"

	"provsim/conform/check"
	"provsim/internal/testing/peer"
)

var apacheArgs = []string{"-f", "{{.Dir}}/server.conf", "-DFOREGROUND"}

var apache = server{
	name:    check.Apache,
	find:    func(t testing.TB) string { return peer.Find(t, "apache2", "apache2") },
	version: "-v",
	setups: []setup{
		{name: "default", over: "http", config: "apache-default.conf", args: apacheArgs, about: "As Debian installs it."},
		{name: "default", over: "https", config: "apache-default.conf", args: apacheArgs, about: "The same with `SSLVerifyClient require` in a second virtual host."},
		{name: "hardened", over: "https", config: "apache-hardened.conf", site: "apache.conf", args: apacheArgs, about: "What the checks advise."},
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
			"No `Cache-Control`, `Server: Apache/2.4.71 (Debian)`.",
		},
		{
			[]string{"http/22"},
			"`curl -d '' http://localhost/fv0021F2011B19.conf`",
			"Status 200 with the file; 405 in the hardened setup, by `AllowMethods`.",
		},
		{
			[]string{"https/1", "https/16"},
			"`curl` without a certificate, and with an expired one",
			"Alerts \"certificate required\" and \"certificate expired\".",
		},
		{
			[]string{"https/8"},
			"`openssl s_client -tls1_1 -cipher DEFAULT@SECLEVEL=0`",
			"Alert 80, internal error: the check passes, although Debian's `SSLProtocol` allows TLS 1.1.",
		},
		{
			[]string{"https/19"},
			"`openssl s_client -tls1_2 -sess_out`, then `-sess_in` for the other phone's file without a certificate, in the hardened setup",
			"The session is resumed, the status is 403.",
		},
		{
			[]string{"http/18"},
			"`curl http://localhost/`",
			"A page \"Index of /\" with the phones' files: `Options Indexes` is in Debian's configuration.",
		},
	},
}
