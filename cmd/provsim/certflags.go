package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/internal/fetch/web"
)

// certFlags are the files that an administrator uploads to a device
// (FV-TLS-1).
type certFlags struct{ ca, cert, key, pass string }

func (f *certFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.ca, "ca", "", "PEM `FILE` of the authorities that servers must be certified by (default: the system's)")
	fs.StringVar(&f.cert, "cert", "", "PEM `FILE` of the client certificate")
	fs.StringVar(&f.key, "key", "", "PEM `FILE` of the client certificate's key")
	fs.StringVar(&f.pass, "key-pass", "", "pass phrase of the key, `TEXT`; visible to other users of this machine while provsim runs")
}

// load returns the device's certificates: those of the flags replace those that
// it had. It checks that a device can use them.
func (f *certFlags) load(e *env, had *device.Certificates) (*device.Certificates, error) {
	if *f == (certFlags{}) {
		return had, nil
	}
	c := &device.Certificates{}
	if had != nil {
		*c = *had
	}
	for _, file := range []struct {
		name string
		into *[]byte
	}{{f.ca, &c.CA}, {f.cert, &c.Cert}, {f.key, &c.Key}} {
		if file.name == "" {
			continue
		}
		body, err := readFile(e, file.name, maxSmallFile)
		if err != nil {
			return nil, err
		}
		*file.into = body
	}
	if f.pass != "" {
		c.Pass = f.pass
	}
	if len(c.Cert) > 0 && len(c.Key) == 0 || len(c.Key) > 0 && len(c.Cert) == 0 {
		return nil, usage(errors.New("a client certificate needs both --cert and --key"), "")
	}
	if _, err := web.ParseCertificates(c); err != nil {
		hint := ""
		if errors.Is(err, web.ErrNoPass) {
			hint = "--key-pass gives the pass phrase"
		}
		return nil, usage(fmt.Errorf("certificates: %w", err), hint)
	}
	return c, nil
}
