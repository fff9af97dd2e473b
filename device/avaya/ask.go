package avaya

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/resync"
)

// waits are how long a phone waits before it asks an address again (AV-HTTP-4).
var waits = []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second}

// passes reports whether the next server is asked after a failure: none answered here
// (AV-SRC-1), or its certificate is not trusted (AV-TLS-1).
func passes(o resync.Outcome) bool {
	switch o {
	case resync.TLS, resync.TLSUntrusted, resync.TLSName, resync.TLSClientCert, resync.HTTPStatus:
		return true
	}
	return silent(o)
}

// silent reports whether no whole answer came.
func silent(o resync.Outcome) bool { return o.Unanswered() || o == resync.Truncated }

// servers returns where files are looked for, in order (AV-SRC-1).
func (p *phone) servers() (all []steps.Base) {
	add := func(scheme, hosts, port, dir string, usual uint16) {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			n = uint64(usual)
		}
		if p.macros {
			dir = p.expand(dir)
		}
		base := steps.Base{}
		base.Scheme, base.Port = scheme, uint16(n)
		if base.Path = "/" + strings.Trim(dir, "/"); base.Path != "/" { // AV-SRC-3
			base.Path += "/"
		}
		for host := range strings.SplitSeq(hosts, ",") {
			if base.Host = strings.TrimSpace(host); isHost(base.Host) {
				all = append(all, base)
			}
		}
	}
	usual := uint16(443)
	if p.upgrade == h323.upgrade {
		usual = 411
	}
	add("https", p.value(tlsServer), p.value(tlsPort), p.value(tlsDir), usual)
	add("http", p.value(httpServer), p.value(httpPort), p.value(httpDir), 80)
	if p.tftp {
		add("tftp", p.value(tftpServer), "", p.value(tftpDir), 69)
	}
	return all
}

func isHost(text string) bool {
	addr, err := netip.ParseAddr(text)
	return err == nil && !addr.IsUnspecified() || err != nil && profile.IsHost(text) && text != ""
}

// expand replaces the macros of directories and file names (AV-LANG-7).
func (p *phone) expand(text string) string {
	id := p.Device.Identity()
	return strings.NewReplacer("$MACADDR", id.MAC.String(), "$MODEL4", model4(id.Product), "$SERIALNO", p.Device.Serial()).Replace(text)
}

// ask returns a step of the server that is asked.
func (p *phone) ask(slot, name string) steps.Ask {
	return steps.Ask{
		Slot: slot, Target: p.base.At(name), HTTP11: p.http11, Tries: len(waits) + 1,
		Again: func(reply *device.Reply) (time.Duration, bool) {
			again := silent(reply.Outcome) || reply.Outcome == resync.HTTPStatus && reply.Status >= 500
			return waits[min(int(p.Device.Stage()), len(waits)-1)], again
		},
	}
}

// fetch asks for a file of the language.
func (p *phone) fetch(slot, name string, may bool) (*device.File, bool) {
	a := p.ask(slot, name)
	a.May, a.Open = may, open
	file, ok := p.Fetch(a)
	p.stop = p.stop || !ok
	return file, ok
}

// noStatement is what is wrong with a file that has nothing to carry out (AV-LANG-8).
const noStatement = "the file has no SET, IF, GOTO, GET or tag: a web page?"

// open reads a file. A web page and any other file without a statement count as missing (AV-LANG-8).
func open(body []byte) *device.File {
	s := parse(body)
	if len(s.statements) == 0 {
		return steps.Bad(resync.Corrupt, noStatement)
	}
	return &device.File{More: s}
}
