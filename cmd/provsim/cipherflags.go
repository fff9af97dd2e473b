package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"provsim/encrypt"
)

// cipherFlags choose the cipher of keyed profiles.
type cipherFlags struct {
	name       string
	iterations int
	list       bool
}

func (f *cipherFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.name, "cipher", encrypt.Default, "`NAME` of the cipher of keyed profiles")
	fs.IntVar(&f.iterations, "iterations", 0, "`NUMBER` of key derivation rounds, for openssl-pbkdf2 (default 10000)")
	fs.BoolVar(&f.list, "list-ciphers", false, "list the ciphers and exit")
}

func (f *cipherFlags) cipher() (encrypt.Cipher, error) {
	c, err := encrypt.Lookup(f.name)
	if errors.Is(err, encrypt.ErrUnknownCipher) {
		return c, usage(unknown("cipher", f.name, cipherNames()), "--list-ciphers shows them all")
	}
	if f.iterations != 0 {
		if c, err = c.WithIterations(f.iterations); err != nil {
			return c, usage(err, "")
		}
	}
	return c, nil
}

func defaultCipher() encrypt.Cipher { return encrypt.Ciphers()[0] }

func cipherNames() []string {
	var names []string
	for _, c := range encrypt.Ciphers() {
		names = append(names, c.Name)
	}
	return names
}

// listCiphers prints the table of ciphers.
func listCiphers(e *env) error {
	for _, c := range encrypt.Ciphers() {
		if _, err := fmt.Fprintf(e.out, "%-15s %-9s %s\n", c.Name, c.Source, c.Doc); err != nil {
			return err
		}
	}
	return nil
}
