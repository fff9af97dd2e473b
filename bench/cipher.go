package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"provsim/encrypt"
)

// cipherRace is at least 7 rounds, more while they are cheap.
var cipherRace = race{least: 7, most: 31, budget: 5 * time.Second}

const (
	cipherName = "openssl-md5" // what openssl enc -aes-256-cbc -md md5 writes (FV-ENC-2)
	cipherKey  = "123456"
)

// A cipherTask is one direction of the cipher and who can do it.
type cipherTask struct {
	name    string
	command string // of provsim
	flag    string // of openssl enc
	source  []byte
	turn    func(source []byte) ([]byte, error)
	check   func(result []byte) error
}

// ciphers writes the table of encrypt and decrypt beside openssl.
func ciphers(ctx context.Context, to io.Writer, dir, provsim string) error {
	tasks, err := cipherTasks()
	if err != nil {
		return err
	}
	t := table{title: "Encrypt and decrypt 8 MB, AES-256-CBC, MD5"}
	t.add("task", "contender", "runs", "ms", "MB/s")
	var failures error
	for _, task := range tasks {
		fmt.Fprintln(os.Stderr, task.name)
		contenders, err := task.contenders(dir, provsim)
		if err != nil {
			return err
		}
		results, err := cipherRace.run(ctx, contenders)
		failures = errors.Join(failures, err)
		for i, r := range results {
			t.add(task.name, contenders[i].name, strconv.Itoa(len(r.took)), r.milliseconds(), r.rate(float64(len(task.source))/1e6))
		}
	}
	return errors.Join(t.write(to), failures)
}

func cipherTasks() ([]cipherTask, error) {
	c, err := encrypt.Lookup(cipherName)
	if err != nil {
		return nil, err
	}
	plain := noise(8 << 20)
	sealed, err := c.Seal(nil, plain, cipherKey, encrypt.Entropy{})
	if err != nil {
		return nil, err
	}
	seal := func(source []byte) ([]byte, error) { return c.Seal(nil, source, cipherKey, encrypt.Entropy{}) }
	open := func(source []byte) ([]byte, error) { return c.Open(nil, source, cipherKey) }
	isPlain := func(result []byte) error { return same(result, plain) }
	opens := func(result []byte) error {
		text, err := open(result)
		return errors.Join(err, isPlain(text))
	}
	return []cipherTask{
		{"encrypt", "encrypt", "-e", plain, seal, opens},
		{"decrypt", "decrypt", "-d", sealed, open, isPlain},
	}, nil
}

// contenders are two programs that turn a file into another one, and the same
// work within this process, without files.
func (t cipherTask) contenders(dir, provsim string) ([]contender, error) {
	source, destination := filepath.Join(dir, t.name+".source"), filepath.Join(dir, t.name+".result")
	if err := os.WriteFile(source, t.source, 0o600); err != nil {
		return nil, err
	}
	var result []byte
	inProcess := contender{
		name: "provsim, in process",
		work: func(context.Context) (err error) {
			result, err = t.turn(t.source)
			return err
		},
		check: func() error { return t.check(result) },
	}
	program := func(name, path string, args ...string) contender {
		return contender{
			name: name, absent: absent(path),
			work:  func(ctx context.Context) error { return execute(ctx, path, args...) },
			check: func() error { return checkFile(destination, t.check) },
		}
	}
	return []contender{
		program("provsim "+t.command, provsim, t.command, cipherKey, source, destination),
		program("openssl enc "+t.flag, "openssl", "enc", t.flag, "-aes-256-cbc", "-md", "md5", "-k", cipherKey, "-in", source, "-out", destination),
		inProcess,
	}, nil
}
