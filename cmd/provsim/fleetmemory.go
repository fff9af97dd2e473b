package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/fleet"
	"provsim/internal/mint"
	"provsim/macro"
)

// memoryFlags say what devices have stored beside what the scenario says: client
// certificates, made for each.
type memoryFlags struct{ ca, key, pass, subject, dir string }

func (f *memoryFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.ca, "client-ca", "", "PEM `FILE` of an authority to make each device a client certificate by")
	fs.StringVar(&f.key, "client-ca-key", "", "PEM `FILE` of that authority's key")
	fs.StringVar(&f.pass, "client-ca-pass", "", "pass phrase of that key, `TEXT`; visible to other users of this machine while provsim runs")
	fs.StringVar(&f.subject, "client-subject", "CN=$MAU,OU=$PN", "whom client certificates are made out to, `NAME` with macros")
	fs.StringVar(&f.dir, "client-certs", "", "keep client certificates in `DIR` (default: in the user's cache)")
}

// fleetMemory gives devices their memories.
type fleetMemory struct {
	certs  *device.Certificates // of all devices; nil: none
	mint   *mint.Mint           // nil: no device has a certificate of its own
	roster *fleet.Roster
}

// open reads the certificates and makes those that are missing.
func (f *memoryFlags) open(e *env, all certFlags, r *fleet.Roster) (*fleetMemory, error) {
	m := &fleetMemory{roster: r}
	var err error
	if m.certs, err = all.load(nil); err != nil {
		return nil, err
	}
	if f.ca == "" && f.key == "" {
		return m, nil
	}
	if m.certs != nil && m.certs.Cert != nil {
		return nil, usage(errors.New("--cert gives all devices one certificate, --client-ca each its own; want one of them"), "")
	}
	if f.ca == "" || f.key == "" {
		return nil, usage(errors.New("certificates are made by an authority and its key, want both --client-ca and --client-ca-key"), "")
	}
	if m.mint, err = f.mint(); err != nil {
		return nil, err
	}
	fmt.Fprintf(e.err, "provsim: %d client certificates: making those that are missing\n", r.Len())
	err = m.mint.Ahead(e.ctx, r.Len(), func(i int) (device.MAC, macro.Vars) { return r.MAC(i), r.Vars(i) }, nil)
	return m, err
}

// mint opens the place where certificates are made and kept.
func (f *memoryFlags) mint() (*mint.Mint, error) {
	cert, err := os.ReadFile(f.ca)
	if err != nil {
		return nil, cannot(err, "")
	}
	key, err := os.ReadFile(f.key)
	if err != nil {
		return nil, cannot(err, "")
	}
	authority, err := mint.ReadAuthority(cert, key, f.pass)
	if err != nil {
		return nil, usage(err, "")
	}
	subject, err := mint.ParseSubject(f.subject, flyingvoice.Personality.Macros(nil))
	if err != nil {
		return nil, usage(fmt.Errorf("--client-subject: %w", err), "")
	}
	dir := f.dir
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, cannot(err, "--client-certs says where to keep them")
		}
		dir = filepath.Join(cache, "provsim", "client-certs")
	}
	m, err := mint.Open(dir, authority, subject)
	if err != nil {
		return nil, cannot(err, "")
	}
	return m, nil
}

// recall puts a device's certificates to what the scenario has it remember.
func (m *fleetMemory) recall(_ int, mac device.MAC, fresh *device.Stored) (*device.Stored, error) {
	certs := m.certs
	if m.mint != nil {
		pair, err := m.mint.Pair(mac, m.roster.Vars(m.roster.Index(mac)))
		if err != nil {
			return nil, err
		}
		if certs != nil {
			pair.CA = certs.CA
		}
		certs = pair
	}
	if certs == nil {
		return fresh, nil
	}
	stored := *fresh
	stored.Certificates = certs
	return &stored, nil
}
