package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/internal/lab"
)

// faultFlags make the lab's servers go wrong.
type faultFlags struct {
	tls    string
	faults []string
}

func (f *faultFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.tls, "tls-fault", "", "what goes wrong in TLS handshakes, `NAME`: "+strings.Join(tlsFaultNames(), ", "))
	fs.StringArrayVar(&f.faults, "fault", nil, "what goes wrong with files, `PREFIX=FAULT[:VALUE]`; repeatable: "+strings.Join(faultNames(), ", "))
}

// tlsFaults and fileFaults name the lab's faults. The order is that of help.
var tlsFaults = []struct {
	name  string
	fault lab.TLSFault
}{
	{"wrong-name", lab.WrongName}, {"expired", lab.Expired}, {"other-ca", lab.OtherCA},
	{"no-client-request", lab.NoClientRequest}, {"silent", lab.Silent},
}

var fileFaults = []struct {
	name string
	set  func(*lab.Fault, string) error
}{
	{"status:CODE", func(f *lab.Fault, v string) error { return number(v, 100, 599, &f.Status) }},
	{"redirect:URL", func(f *lab.Fault, v string) error { f.Location = v; return nonEmpty(v) }},
	{"stall", func(f *lab.Fault, v string) error { f.Stall = true; return empty(v) }},
	{"truncate:BYTES", func(f *lab.Fault, v string) error { return number(v, 1, 1<<30, &f.Truncate) }},
	{"endless", func(f *lab.Fault, v string) error { f.Endless = true; return empty(v) }},
	{"delay:TIME", func(f *lab.Fault, v string) (err error) { f.Delay, err = time.ParseDuration(v); return err }},
	{"drop:SHARE", func(f *lab.Fault, v string) error { return share(v, &f.Drop.Share) }},
	{"duplicate:SHARE", func(f *lab.Fault, v string) error { return share(v, &f.Duplicate.Share) }},
	{"stray:SHARE", func(f *lab.Fault, v string) error { return share(v, &f.Stray.Share) }},
}

func tlsFaultNames() []string {
	var names []string
	for _, f := range tlsFaults {
		names = append(names, f.name)
	}
	return names
}

func faultNames() []string {
	var names []string
	for _, f := range fileFaults {
		names = append(names, f.name)
	}
	return names
}

// apply switches the faults on. Several faults of one prefix add up.
func (f *faultFlags) apply(l *lab.Lab) error {
	if f.tls != "" {
		fault, err := findTLSFault(f.tls)
		if err != nil {
			return err
		}
		if err := l.BreakTLS(fault); err != nil {
			return err
		}
	}
	byPrefix := map[string]*lab.Fault{}
	for _, text := range f.faults {
		prefix, rest, ok := strings.Cut(text, "=")
		if !ok {
			return usage(fmt.Errorf("--fault %q, want PREFIX=FAULT", text), "")
		}
		if byPrefix[prefix] == nil {
			byPrefix[prefix] = &lab.Fault{}
		}
		if err := setFault(byPrefix[prefix], rest); err != nil {
			return usage(fmt.Errorf("--fault %q: %w", text, err), "")
		}
	}
	for prefix, fault := range byPrefix {
		l.Faults.Set(prefix, *fault)
	}
	return nil
}

func findTLSFault(name string) (lab.TLSFault, error) {
	for _, t := range tlsFaults {
		if t.name == name {
			return t.fault, nil
		}
	}
	return lab.Sound, usage(unknown("TLS fault", name, tlsFaultNames()), "")
}

func setFault(f *lab.Fault, text string) error {
	name, value, _ := strings.Cut(text, ":")
	var names []string
	for _, known := range fileFaults {
		word, _, _ := strings.Cut(known.name, ":")
		if word == name {
			return known.set(f, value)
		}
		names = append(names, word)
	}
	return unknown("fault", name, names)
}

func number(text string, low, high int, into *int) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return fmt.Errorf("found %q, want a number from %d to %d", text, low, high)
	}
	*into = n
	return nil
}

func share(text string, into *float64) error {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x >= 0 && x <= 1) {
		return fmt.Errorf("found %q, want a share of the packets from 0 to 1", text)
	}
	*into = x
	return nil
}

func empty(value string) error {
	if value != "" {
		return fmt.Errorf("found %q, want no value", value)
	}
	return nil
}

func nonEmpty(value string) error {
	if value == "" {
		return errors.New("found no value")
	}
	return nil
}
