package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/clientcert"
	"provsim/macro"
)

// clientCertFlags say how each device of a fleet gets a client certificate of its
// own.
type clientCertFlags struct{ ca, key, pass, subject, dir string }

func (f *clientCertFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.ca, "client-ca", "", "PEM `FILE` of the authority that issues a client certificate to each device")
	fs.StringVar(&f.key, "client-ca-key", "", "PEM `FILE` of that authority's key")
	fs.StringVar(&f.pass, "client-ca-pass", "", "pass phrase of that key, `TEXT`; visible to other users of this machine while provsim runs")
	fs.StringVar(&f.subject, "client-subject", "", "subject `NAME` of the client certificates, with $MA, $MAU, $MAC, $PN and $SN (default: the vendor's, usually "+usualSubject+")")
	fs.StringVar(&f.dir, "client-certs", "", "keep client certificates in `DIR` (default: in the user's cache)")
}

// usualSubject is that of vendors without a subject of their own, and of fleets of
// several vendors.
const usualSubject = "CN=$MAU,OU=$PN"

// clientCerts are the certificates that the devices of a fleet have stored.
type clientCerts struct {
	certs     *device.Certificates // of all devices; nil: none
	issuer    *clientcert.Issuer   // nil: no device has a certificate of its own
	inventory *fleet.Inventory
	listed    func(n int) (*device.Certificates, error) // those of a phone's row in the list; nil: none
}

// open reads the certificates and makes those that are missing.
func (f *clientCertFlags) open(e *env, all certFlags, r *fleet.Inventory) (*clientCerts, error) {
	m := &clientCerts{inventory: r}
	var err error
	m.listed = func(n int) (*device.Certificates, error) { return m.ofRow(e, all.pass, n) }
	if m.certs, err = all.load(e, nil); err != nil {
		return nil, err
	}
	if f.ca == "" && f.key == "" {
		return m, nil
	}
	if m.certs != nil && m.certs.Cert != nil {
		return nil, usage(errors.New("--cert gives all devices one certificate, --client-ca each its own; want one of them"), "")
	}
	if f.ca == "" || f.key == "" {
		return nil, usage(errors.New("an authority issues certificates with its key, want both --client-ca and --client-ca-key"), "")
	}
	if m.issuer, err = f.issuer(e, r.Vendors()); err != nil {
		return nil, err
	}
	fmt.Fprintf(e.err, "provsim: %d client certificates: the missing ones are made now\n", r.Len())
	err = m.issuer.Ahead(e.ctx, r.Len(), func(i int) (device.MAC, macro.Vars) { return r.MAC(i), subjectVars(r, i) }, nil)
	return m, err
}

// issuer opens the directory of certificates and the authority that issues them.
func (f *clientCertFlags) issuer(e *env, vendors []*device.Personality) (*clientcert.Issuer, error) {
	cert, err := readFile(e, f.ca, maxSmallFile)
	if err != nil {
		return nil, err
	}
	key, err := readFile(e, f.key, maxSmallFile)
	if err != nil {
		return nil, err
	}
	authority, err := clientcert.ReadAuthority(cert, key, f.pass)
	if err != nil {
		return nil, usage(err, "")
	}
	text, form := f.subject, clientcert.Form{}
	if len(vendors) == 1 {
		form.SerialStart, form.Years = vendors[0].SerialStart, vendors[0].CertificateYears
		text = cmp.Or(text, vendors[0].Subject)
	}
	if form.Subject, err = clientcert.ParseSubject(cmp.Or(text, usualSubject), macro.Sipura); err != nil {
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
	m, err := clientcert.Open(dir, authority, form)
	if err != nil {
		return nil, cannot(err, "")
	}
	return m, nil
}

// ofRow returns the certificates that a phone's row names, in files that count from the
// folder of the list.
func (m *clientCerts) ofRow(e *env, pass string, n int) (*device.Certificates, error) {
	p := &m.inventory.Scenario.Population
	if p.List == nil {
		return nil, nil
	}
	row := p.List.Phone(n)
	if row.Cert == "" {
		return nil, nil
	}
	at := func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(filepath.Dir(p.Phones), name)
	}
	certs, err := (&certFlags{cert: at(row.Cert), key: at(row.Key), pass: pass}).load(e, m.certs)
	if err != nil {
		return nil, fmt.Errorf("%v%w", p.List.Fault(n, "cert", ""), err)
	}
	return certs, nil
}

// load returns what a device has stored, with its certificates added.
func (m *clientCerts) load(n int, mac device.MAC, fresh *device.Stored) (*device.Stored, error) {
	certs, err := m.listed(n)
	if err != nil {
		return nil, err
	}
	if certs == nil {
		certs = m.certs
	}
	if certs == m.certs && m.issuer != nil {
		pair, err := m.issuer.Pair(mac, subjectVars(m.inventory, m.inventory.Index(mac)))
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

// subjectVars are the variables of a subject: the same names for every vendor.
func subjectVars(r *fleet.Inventory, i int) macro.Vars {
	return &device.Vars{Identity: r.Identity(i)}
}
