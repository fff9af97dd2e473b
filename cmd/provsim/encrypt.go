package main

import (
	"crypto/fips140"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"provsim/device/vendors"
	"provsim/encrypt"
)

var encryptCommand = command{
	name:  "encrypt",
	args:  "KEY SOURCE DESTINATION",
	short: "encrypt a profile with a key",
	long: `
SOURCE and DESTINATION are files, - is a stream. The default cipher stands in
for the vendor's, which is not public. A KEY of - is read from the environment
variable PROVSIM_KEY, which other users of this machine cannot see. The umask
says who may read DESTINATION. The openssl ciphers take a file of any size in
pieces; the provsim cipher has it in memory as a whole and takes 256 MiB.

  provsim encrypt 123456 config.cfg config-enc.cfg`,
	setup: cryptSetup(sharedFile, func(c encrypt.Cipher, dst io.Writer, src *input, key string) error {
		var entropy encrypt.Entropy
		if _, err := rand.Read(entropy[:]); err != nil {
			return err
		}
		return c.EncryptStream(dst, src, key, entropy)
	}),
}

var decryptCommand = command{
	name:  "decrypt",
	args:  "KEY SOURCE DESTINATION",
	short: "decrypt a profile with its key",
	long: `
The arguments are those of encrypt. Only the provsim cipher can tell a wrong key
for certain; with the others about one wrong key in 256 decrypts to noise. When it
finds a wrong key, it writes nothing, also not to standard output. It keeps the input
from a pipe, 256 MiB at most, in a temporary file first, still encrypted. Only you may
read DESTINATION.

  provsim decrypt 123456 config-enc.cfg -`,
	setup: cryptSetup(privateFile, func(c encrypt.Cipher, dst io.Writer, src *input, key string) error {
		encrypted, err := src.section()
		if err != nil {
			return err
		}
		err = c.DecryptStream(dst, encrypted, key)
		if !errors.Is(err, encrypt.ErrKey) && !errors.Is(err, encrypt.ErrFormat) {
			return err
		}
		text := make([]byte, min(encrypted.Size(), maxSmallFile))
		if n, _ := encrypted.ReadAt(text, 0); int64(n) == encrypted.Size() {
			if name := c.DecryptedBy(text, key); name != "" {
				return &fault{exitFound, fmt.Errorf("%s: the key opens it by %s and not by %s", src.name, name, c.Name), "give --cipher " + name}
			}
		}
		return &fault{exitFound, fmt.Errorf("%s: %w", src.name, err), "--cipher chooses another cipher, --list-ciphers shows them"}
	}),
}

// cryptSetup returns the setup of a command that makes one file from another. The
// new file has the mode.
func cryptSetup(mode os.FileMode, turn func(c encrypt.Cipher, dst io.Writer, src *input, key string) error) func(*pflag.FlagSet) func(*env, []string) error {
	return func(fs *pflag.FlagSet) func(*env, []string) error {
		var flags cipherFlags
		flags.add(fs)
		vendor := fs.String("vendor", "", "take the cipher of this vendor's files, by the vendor's `NAME`: "+strings.Join(vendors.Names(), ", "))
		return func(e *env, args []string) error {
			if flags.list {
				return listCiphers(e)
			}
			if err := wantArgs(args, 3, 3, "KEY SOURCE DESTINATION"); err != nil {
				return err
			}
			c, err := flags.cipher()
			if err == nil && *vendor != "" {
				c, err = cipherOf(*vendor, fs.Changed("cipher"))
			}
			if err != nil {
				return err
			}
			if fips140.Enforced() { // MD5 and scrypt would panic
				return errors.New("GODEBUG=fips140=only forbids the algorithms of phones' ciphers; leave fips140 out")
			}
			key, err := keyArgument(args[0])
			if err != nil {
				return err
			}
			src, err := openInput(e, args[1])
			if err != nil {
				return err
			}
			return writeOutput(e, args[2], mode, func(dst io.Writer) error {
				defer src.close() // before it may be replaced
				return turn(c, dst, src, key)
			})
		}
	}
}

// cipherOf returns the cipher of a vendor's files.
func cipherOf(vendor string, chosen bool) (encrypt.Cipher, error) {
	p, err := vendors.Lookup(vendor)
	switch {
	case err != nil:
		return encrypt.Cipher{}, usage(err, "")
	case chosen:
		return encrypt.Cipher{}, usage(errors.New("--vendor and --cipher both name a cipher"), "leave one of them out")
	case p.Cipher == nil:
		return encrypt.Cipher{}, usage(fmt.Errorf("phones of %s read no encrypted files", p.Vendor), "")
	}
	return p.Cipher(), nil
}

func keyArgument(arg string) (string, error) {
	if arg == "-" {
		arg = os.Getenv("PROVSIM_KEY")
	}
	if arg == "" {
		return "", usage(errors.New("the key is empty"), "give one, or - and the key in PROVSIM_KEY")
	}
	return arg, nil
}
