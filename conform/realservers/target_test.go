//go:build linux

package realservers

import (
	"strconv"

	"provsim/conform/check"
	"provsim/conform/internal/site"
)

// tftp describes a TFTP server.
func (s *setup) tftp(files *site.Site, p place) check.Target {
	root := ""
	if s.rootless {
		root = p.Root
	}
	target := files.Target()
	target.TFTP = check.TFTP{Server: p.address(p.Port), Empty: root + site.Empty, Large: root + site.Large, Text: root + site.Text}
	target.ProfileRule = "tftp://" + target.TFTP.Server + root + site.Rule
	if s.keyed {
		target.ProfileRule = "[--key '" + key + "'] " + target.ProfileRule
	}
	target.UpgradeRule = "tftp://" + target.TFTP.Server + root + site.Firmware
	return target
}

// web describes a web server. Firmware comes over HTTP whatever the phones'
// files come over (FV-UPG-1).
func (s *setup) web(files *site.Site, p place) check.Target {
	origin := func(scheme string, port uint16) string {
		return scheme + "://localhost:" + strconv.Itoa(int(port))
	}
	target := files.Target()
	target.HTTP = origin("http", p.Port)
	target.UpgradeRule = target.HTTP + site.Firmware
	target.ProfileRule = target.HTTP + site.Rule
	if s.over == "https" {
		target.ProfileRule = origin("https", p.Secure) + site.Rule
		target.Policy.Access = check.ByCertificate
	}
	return target
}
