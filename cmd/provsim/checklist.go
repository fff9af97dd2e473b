package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"provsim/conform/check"
	"provsim/device"
	"provsim/device/vendors"
	"provsim/fleet"
)

// mostChecked is how many phones of a list are checked at most.
const mostChecked = 10_000

// sampled is how many phones of a vendor all checks are about: of the others only
// their own files is asked for.
const sampled = 2

// listed returns the target of each vendor of --phones, in the order of the list.
func (f *targetFlags) listed(e *env, t *check.Target) ([]check.Target, error) {
	if f.given("mac") || f.given("serial") {
		return nil, usage(errors.New("--phones has the phones with their addresses, so leave out --mac and --serial"), "")
	}
	list, err := readPhoneList(e, f.list)
	if err != nil {
		return nil, err
	}
	if list.Len() > mostChecked {
		return nil, usage(fmt.Errorf("%s: found %d phones, want at most %d; provsim fleet has no such limit", f.list, list.Len(), mostChecked), "")
	}
	own, err := f.certFlags.load(e, nil)
	if err != nil {
		return nil, err
	}
	if own != nil && own.CA != nil {
		t.CA = own.CA
	}
	names := map[string]bool{}
	for i := range list.Len() {
		names[rowVendor(t, list.Phone(i))] = true
	}
	if t.Vendor == "" && len(names) == 1 {
		t.Vendor = rowVendor(t, list.Phone(0))
	}
	if about := aboutOne(t); t.Vendor == "" && about != "" {
		return nil, usage(fmt.Errorf("%s is about phones of one vendor, and %s has those of %d", about, f.list, len(names)), "--vendor says for which")
	}
	var all []check.Target
	for i := range list.Len() {
		row := list.Phone(i)
		name := rowVendor(t, row)
		at := slices.IndexFunc(all, func(of check.Target) bool { return of.Vendor == name })
		if at < 0 {
			at = len(all)
			all = append(all, f.ofVendor(t, name, len(all) == 0))
		}
		of := &all[at]
		ph := check.Phone{MAC: row.MAC, Serial: row.Serial, Product: row.Product, Server: row.Server, Rule: row.Rule, Address: row.IP}
		if ph.Certificate, err = f.rowCertificate(e, own, row); err != nil {
			return nil, fmt.Errorf("%v%w", list.Fault(i, "cert", ""), err)
		}
		column, wrong := "", error(nil)
		switch {
		case row.MAC == (device.MAC{}):
			column, wrong = "mac", errors.New("found no address, want that of a phone which the setup provisions")
		case row.Server != "" || row.Rule != "":
			var by *device.Personality
			if by, wrong = vendors.Lookup(name); wrong == nil {
				_, lead := list.Lead(i)
				column, wrong = lead.Check(by, nil)
			}
		case t.Server == "" && t.ProfileRule == "" && t.Option66 == "":
			column, wrong = "server", errors.New("found no server and no rule, want one of them here, or --server, --profile-rule or --option66")
		}
		if wrong == nil {
			wrong = of.CheckPhone(ph)
		}
		if wrong != nil {
			return nil, usage(errors.New(list.Fault(i, column, "%v", wrong).String()), "")
		}
		if len(of.Phones) < sampled {
			of.Phones = append(of.Phones, ph)
		} else {
			of.Rest = append(of.Rest, ph)
		}
	}
	return all, nil
}

// rowVendor returns the vendor of a row: the one that it names, else that of the flags,
// else the one that owns its address.
func rowVendor(t *check.Target, row fleet.Phone) string {
	name := cmp.Or(row.Vendor, t.Vendor)
	if by, known := vendors.Of(row.MAC); name == "" && known {
		name = by.Name
	}
	return cmp.Or(name, vendors.Default().Name)
}

// aboutOne returns what of the target is about phones of one vendor; "" where nothing is.
func aboutOne(t *check.Target) string {
	for _, of := range []struct {
		flag  string
		given bool
	}{
		{"--product", t.Product != ""}, {"--hwver", t.Hardware != ""}, {"--swver", t.Software != ""}, {"--user-agent", t.Agent != ""}, {"--cipher", t.Cipher != ""},
		{"--config-file-name", t.ConfigFileName != ""}, {"--upgrade-rule", t.UpgradeRule != ""}, {"--set", len(t.Set) > 0}, {"--quirk", len(t.Quirks) > 0},
	} {
		if of.given {
			return of.flag
		}
	}
	return ""
}

// ofVendor returns the target for phones of a vendor. What flags say of phones of one
// vendor is left out for those of others, and an IP Office unit is asked once.
func (f *targetFlags) ofVendor(t *check.Target, name string, first bool) check.Target {
	of := *t
	of.Vendor, of.List = name, f.list
	if name != t.Vendor {
		of.Product, of.Hardware, of.Software, of.Agent, of.Cipher = "", "", "", "", ""
		of.ConfigFileName, of.UpgradeRule, of.Set, of.Quirks = "", "", nil, nil
	}
	if !first {
		of.IPOffice = check.IPOffice{}
	}
	return of
}

// rowCertificate returns the certificate of a row, whose files count from the folder of
// the list, or that of the flags.
func (f *targetFlags) rowCertificate(e *env, own *device.Certificates, row fleet.Phone) (check.Certificate, error) {
	if row.Cert == "" {
		if own == nil {
			return check.Certificate{}, nil
		}
		return check.Certificate{Cert: own.Cert, Key: own.Key, Pass: own.Pass}, nil
	}
	at := func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(filepath.Dir(f.list), name)
	}
	c, err := (&certFlags{cert: at(row.Cert), key: at(row.Key), pass: f.certFlags.pass}).load(e, nil)
	if err != nil {
		return check.Certificate{}, err
	}
	return check.Certificate{Cert: c.Cert, Key: c.Key, Pass: c.Pass}, nil
}
