//go:build linux

package realservers

import (
	"strconv"

	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
)

// tftp describes a TFTP server.
func (s *setup) tftp(files *goodserver.Setup, p place) check.Target {
	root := ""
	if s.rootless {
		root = p.Root
	}
	target := files.Target()
	target.TFTP = check.TFTP{Server: p.address(p.Port), Empty: root + goodserver.Empty, Large: root + goodserver.Large, Text: root + goodserver.Text}
	target.ProfileRule = "tftp://" + target.TFTP.Server + root + goodserver.Rule
	if s.keyed {
		target.ProfileRule = "[--key '" + key + "'] " + target.ProfileRule
	}
	target.UpgradeRule = "tftp://" + target.TFTP.Server + root + goodserver.Firmware
	return target
}

// web describes a web server. Firmware comes over HTTP whatever the phones'
// files come over (FV-UP-1).
func (s *setup) web(files *goodserver.Setup, p place) check.Target {
	origin := func(scheme string, port uint16) string {
		return scheme + "://localhost:" + strconv.Itoa(int(port))
	}
	target := files.Target()
	target.HTTP = origin("http", p.Port)
	target.UpgradeRule = target.HTTP + goodserver.Firmware
	target.ProfileRule = target.HTTP + goodserver.Rule
	if s.over == "https" {
		target.ProfileRule = origin("https", p.Secure) + goodserver.Rule
		target.Policy.Access = check.ByCertificate
	}
	return target
}
