package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"provsim/encrypt"
)

// mostInput is the largest file that encrypt and decrypt take: the whole of it
// is in memory, and no device takes half as much (FV-NET-1).
const mostInput = 256 << 20

var encryptCommand = command{
	name:  "encrypt",
	args:  "KEY SOURCE DESTINATION",
	short: "encrypt a profile with a key",
	long: `
SOURCE and DESTINATION are files, - is a stream. The default cipher stands in
for the vendor's, which is not public. A KEY of - is read from the environment
variable PROVSIM_KEY, which other users of this machine cannot see.

  provsim encrypt 123456 config.cfg config-enc.cfg`,
	setup: cryptSetup(func(c encrypt.Cipher, text []byte, key string) ([]byte, error) {
		var entropy encrypt.Entropy
		if _, err := rand.Read(entropy[:]); err != nil {
			return nil, err
		}
		return c.Seal(nil, text, key, entropy)
	}),
}

var decryptCommand = command{
	name:  "decrypt",
	args:  "KEY SOURCE DESTINATION",
	short: "decrypt a profile with its key",
	long: `
The arguments are those of encrypt. Only the provsim cipher can tell a wrong key
for certain; with the others about one wrong key in 256 gives noise.

  provsim decrypt 123456 config-enc.cfg -`,
	setup: cryptSetup(func(c encrypt.Cipher, text []byte, key string) ([]byte, error) {
		return c.Open(nil, text, key)
	}),
}

// cryptSetup returns the setup of a command that turns one file into another.
func cryptSetup(turn func(c encrypt.Cipher, text []byte, key string) ([]byte, error)) func(*pflag.FlagSet) func(*env, []string) error {
	return func(fs *pflag.FlagSet) func(*env, []string) error {
		var flags cipherFlags
		flags.add(fs)
		return func(e *env, args []string) error {
			if flags.list {
				return listCiphers(e)
			}
			if err := wantArgs(args, 3, 3, "KEY SOURCE DESTINATION"); err != nil {
				return err
			}
			c, err := flags.cipher()
			if err != nil {
				return err
			}
			key, err := keyArgument(args[0])
			if err != nil {
				return err
			}
			text, err := readInput(e, args[1])
			if err != nil {
				return err
			}
			out, err := turn(c, text, key)
			switch {
			case errors.Is(err, encrypt.ErrKey), errors.Is(err, encrypt.ErrFormat):
				return &fault{exitFound, fmt.Errorf("%s: %w", args[1], err), "--cipher chooses another cipher, --list-ciphers shows them"}
			case err != nil:
				return err
			}
			return writeOutput(e, args[2], out)
		}
	}
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

// readInput reads a file, or standard input for "-".
func readInput(e *env, name string) ([]byte, error) {
	in, size := e.in, int64(0)
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, cannot(err, "")
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil {
			size = info.Size()
		}
		in = file
	}
	var text bytes.Buffer
	text.Grow(int(min(size, mostInput)) + bytes.MinRead) // or else a large file is copied as the buffer grows
	n, err := text.ReadFrom(io.LimitReader(in, mostInput+1))
	if err != nil {
		return nil, cannot(err, "")
	}
	if n > mostInput {
		return nil, cannot(fmt.Errorf("%s is larger than %d bytes", name, mostInput), "")
	}
	return text.Bytes(), nil
}

// writeOutput writes a file, or standard output for "-".
func writeOutput(e *env, name string, text []byte) error {
	if name == "-" {
		_, err := e.out.Write(text)
		return err
	}
	if err := os.WriteFile(name, text, 0o600); err != nil {
		return cannot(err, "")
	}
	return nil
}
