package polycom

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/resync"
)

// base is what a boot server's address says: where the files are (PC-SRC-3).
type base struct {
	profile.Target        // its Path is a folder, with "/" at its end
	master         string // the name of the master file, where the address has one (PC-SRC-4)
}

// schemes are those of the server types 0 to 4 (PC-ID-8).
var schemes = []string{"ftp", "tftp", "http", "https", "ftps"}

// parseAddress reads [scheme://][user[:password]@]host[:port][/path]. The error shows
// none of it.
func parseAddress(text, scheme string) (base, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return base{}, fmt.Errorf("found a blank, a backslash or a control character, want an address such as http://192.0.2.1/path")
	}
	if s, rest, ok := strings.Cut(text, "://"); ok {
		scheme, text = strings.ToLower(s), rest
	}
	b := base{Target: profile.Target{Scheme: scheme, Port: profile.DefaultPort(scheme)}}
	switch {
	case scheme == "ftps":
		return base{}, fmt.Errorf("found the scheme ftps, which is not emulated: want http, https, tftp or ftp (PC-FILE-9)")
	case b.Port == 0:
		return base{}, fmt.Errorf("found the scheme %s, want http, https, tftp or ftp", profile.Quote(scheme))
	}
	authority, folder, _ := strings.Cut(text, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		b.User, b.Password, _ = strings.Cut(authority[:at], ":")
		authority = authority[at+1:]
	}
	b.Host = authority
	if colon := strings.LastIndexByte(authority, ':'); colon > strings.LastIndexByte(authority, ']') && strings.Count(authority, ":") == 1 || strings.HasPrefix(authority, "[") && colon > strings.LastIndexByte(authority, ']') {
		port, err := strconv.ParseUint(authority[colon+1:], 10, 16)
		if err != nil || port == 0 {
			return base{}, fmt.Errorf("found a port that is no number from 1 to 65535")
		}
		b.Host, b.Port = authority[:colon], uint16(port)
	}
	if b.Host = strings.TrimSuffix(strings.TrimPrefix(b.Host, "["), "]"); !profile.IsHost(b.Host) {
		return base{}, fmt.Errorf("found no host, want a name or an address")
	}
	b.Path = "/" + folder
	if name := path.Base(b.Path); strings.HasSuffix(name, ".cfg") && len(name) >= len("x.cfg") && !strings.HasSuffix(b.Path, "/") {
		b.master, b.Path = name, strings.TrimSuffix(b.Path, name)
	}
	if !strings.HasSuffix(b.Path, "/") {
		b.Path += "/"
	}
	return b, nil
}

// at returns where a file of that name is: below the base, at the host's root, or at
// a URL of its own (PC-SRC-5).
func (b *base) at(name string) (profile.Target, error) {
	if strings.Contains(name, "://") {
		other, err := parseAddress(name, b.Scheme)
		other.Path += other.master
		if other.master == "" && !strings.HasSuffix(name, "/") {
			other.Path = strings.TrimSuffix(other.Path, "/")
		}
		return other.Target, err
	}
	t := b.Target
	if t.Path += name; strings.HasPrefix(name, "/") {
		t.Path = name
	}
	return t, nil
}

// source returns the boot server (PC-SRC-1 to PC-SRC-8), or why the phone has none.
func source(r *steps.Run, p *product) (base, device.Ending) {
	text, from := named(r, p)
	if empty(text) {
		text, from = r.Firmware.Text(serverName), "the stored address"
	}
	if empty(text) {
		return base{}, r.Device.NoServer("neither the lease nor the flash names a boot server", uint8(r.Firmware.Number(customOption)), 66)
	}
	b, err := parseAddress(text, schemes[r.Firmware.Number(serverType)])
	if err != nil {
		return base{}, device.Ending{Outcome: resync.BadRule, Note: from + ": " + err.Error()}
	}
	if b.User == "" {
		b.User, b.Password = r.Firmware.Text(serverUser), r.Firmware.Text(serverPass)
	}
	return b, device.Ending{}
}

// empty reports whether an address stands for none.
func empty(address string) bool { return address == "" || address == "0.0.0.0" }

// choice returns the boot server choice (PC-ID-8).
func choice(r *steps.Run) int {
	if r.Model.Quirks[bootServer] == "66" {
		return 0
	}
	return r.Firmware.Number(serverChoice)
}

// usesLease reports whether the phone takes its server from the network (PC-SRC-8).
func usesLease(r *steps.Run) bool { return r.Firmware.Text(dhcpOn) == "1" && choice(r) != 2 }

// named returns the address that the lease names, or "", and where it stands.
func named(r *steps.Run, p *product) (text, from string) {
	if !usesLease(r) {
		return "", ""
	}
	return leased(r, p, choice(r))
}

// leased returns what a lease says for a boot server choice.
func leased(r *steps.Run, p *product, choice int) (text, from string) {
	offer := r.Device.Lease().Offer
	number := uint8(r.Firmware.Number(customOption))
	if choice != 0 {
		text, from = offer.Text(number), "option "+strconv.Itoa(int(number))
		if addrs := offer.Addrs(number); r.Firmware.Text(customType) == "0" && len(addrs) > 0 {
			text = addrs[0].String()
		}
	}
	if text == "" && choice != 1 {
		text, from = offer.Text(66), "option 66"
	}
	if !p.ucs || offer.Has(66) || offer.Has(number) {
		return text, from
	}
	for rest := offer.Bytes(43); len(rest) >= 2 && len(rest) >= 2+int(rest[1]); rest = rest[2+int(rest[1]):] { // PC-SRC-6
		if rest[0] == 66 || rest[0] == number {
			return strings.TrimRight(string(rest[2:2+int(rest[1])]), "\x00"), "option 43"
		}
	}
	return text, from
}

// locate finds the boot server, or ends the job.
func (p *phone) locate() bool {
	var v device.Ending
	if p.base, v = source(p.Run, &p.product); v.Outcome != resync.None {
		p.Forget()
		p.End(v)
	}
	return v.Outcome == resync.None
}

// informing begins the plan of a boot that asks by DHCPINFORM.
var informing device.File

// informWait is how long a phone waits for an answer to the last of three DHCPINFORMs,
// which go out at 0, 4 and 8 s (PC-SRC-2).
const informWait = 12 * time.Second

// informed asks by DHCPINFORM where the lease has no server, and where the phone has none
// stored or does not look there first (PC-SRC-2).
func (p *phone) informed() bool {
	if files := p.Files(); len(files) == 0 || files[0] != &informing {
		text, _ := named(p.Run, &p.product)
		stored := p.Firmware.Text(serverName)
		if !empty(text) || !usesLease(p.Run) || !empty(stored) && p.Model.Quirks[informQuirk] != "first" {
			return true
		}
	}
	p.Has(&informing)
	return p.AskNetwork(device.AskOptions, informWait, "")
}

// leaseWait is how long the application waits for a lease of its own, before it goes on
// with the bootROM's.
const leaseWait = time.Minute

// lease gives the application a lease of its own, and the server that it names
// (PC-SRC-7).
func (p *phone) lease() bool {
	if !p.Model.Quirks.On(appDHCP) || !usesLease(p.Run) {
		return true
	}
	return p.AskNetwork(device.AskAgain, leaseWait, p.latest) && p.locate() && p.Pause(p.seconds(startDelay), p.latest) // PC-FILE-10
}
