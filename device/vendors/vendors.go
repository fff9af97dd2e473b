// Package vendors lists the vendors whose phones can be emulated. It is the only
// package that knows them by name: all others work with a [device.Personality].
package vendors

import (
	"fmt"
	"strings"

	"provsim/device"
	"provsim/device/audiocodes"
	"provsim/device/avaya"
	"provsim/device/ciscospa"
	"provsim/device/fanvil"
	"provsim/device/flyingvoice"
	"provsim/device/flyingvoicefip"
	"provsim/device/grandstream"
	"provsim/device/polycom"
	"provsim/device/snom"
	"provsim/device/yealink"
	"provsim/internal/nearest"
)

// all are the vendors; the first is the default.
var all = []*device.Personality{&flyingvoice.Personality, &ciscospa.Personality, &polycom.Personality, &yealink.Personality, &grandstream.Personality, &snom.Personality, &fanvil.Personality, &flyingvoicefip.Personality, &audiocodes.Personality, &avaya.Personality}

// All returns every vendor's firmware, the default first.
func All() []*device.Personality { return append([]*device.Personality(nil), all...) }

// Default returns the firmware of phones of which nothing else is said.
func Default() *device.Personality { return all[0] }

// Names returns the names of the vendors as users type them, the default first.
func Names() []string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
	}
	return names
}

// Lookup returns the firmware of a vendor by its name. The error names the nearest
// one.
func Lookup(name string) (*device.Personality, error) {
	for _, p := range all {
		if p.Name == name {
			return p, nil
		}
	}
	if near, ok := nearest.Name(name, Names()); ok {
		return nil, fmt.Errorf("vendor %q is unknown, did you mean %q?", name, near)
	}
	return nil, fmt.Errorf("vendor %q is unknown, want one of %s", name, strings.Join(Names(), ", "))
}

// A Recogniser finds the vendor that a configuration is for. It compiles the pattern of
// a vendor when it needs it, and once. The zero value is ready for use. It is not for
// several goroutines at once.
type Recogniser struct {
	looksLike []func(body []byte) bool // in the order of all, as far as they were needed
}

// Recognise returns the firmware of the phones that a configuration looks to be for. It
// reports false where it looks like no vendor's.
func (r *Recogniser) Recognise(body []byte) (*device.Personality, bool) {
	for i, p := range all {
		if i == len(r.looksLike) {
			r.looksLike = append(r.looksLike, p.Looks.Compile())
		}
		if r.looksLike[i](body) {
			return p, true
		}
	}
	return nil, false
}

// Of returns the firmware of the vendor that owns the block of an address. It
// reports false where no known vendor owns the block.
func Of(mac device.MAC) (*device.Personality, bool) {
	for _, p := range all {
		if p.Owns(mac) {
			return p, true
		}
	}
	return nil, false
}
