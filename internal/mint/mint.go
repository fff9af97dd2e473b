package mint

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"provsim/device"
	"provsim/macro"
)

// A Mint makes and keeps certificates. It may be used from many goroutines. It
// keeps nothing in memory.
type Mint struct {
	dir       string
	authority *Authority
	subject   Subject
}

// Open returns a mint that keeps its files below dir, which it makes if need be.
func Open(dir string, a *Authority, s Subject) (*Mint, error) {
	h := sha256.New()
	h.Write(a.cert.Raw)
	h.Write([]byte(s.text))
	m := &Mint{dir: filepath.Join(dir, hex.EncodeToString(h.Sum(nil)[:8])), authority: a, subject: s}
	return m, os.MkdirAll(m.dir, 0o700)
}

// Pair returns the certificate and key of a device, as PEM: those that are kept,
// or new ones. The variables are for the subject. Cert and Key of the result are
// the same file, of which each takes its part.
func (m *Mint) Pair(mac device.MAC, vars macro.Vars) (*device.Certificates, error) {
	path := m.path(mac)
	file, err := read(path)
	if errors.Is(err, os.ErrNotExist) {
		if file, err = m.make(vars); err == nil {
			file, err = keep(path, file)
		}
	}
	if err != nil {
		return nil, err
	}
	return &device.Certificates{Cert: file, Key: file}, nil
}

// path spreads the files over folders by the last byte of the address, which
// differs most.
func (m *Mint) path(mac device.MAC) string {
	name := mac.String()
	return filepath.Join(m.dir, name[len(name)-2:], name+".pem")
}

// make returns a new file for a device.
func (m *Mint) make(vars macro.Vars) ([]byte, error) {
	name, err := m.subject.name(vars)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	cert, err := m.authority.sign(name, key.Public(), time.Now())
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return append(cert, block("PRIVATE KEY", der)...), nil
}

// Ahead makes what is missing for n devices, numbered from 0, on all
// processors. It calls done, if it is not nil, with the number of devices that are
// ready, now and then, and from one goroutine at a time. It ends with the first
// error; what has been made until then is kept.
func (m *Mint) Ahead(ctx context.Context, n int, who func(i int) (device.MAC, macro.Vars), done func(ready int)) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var telling sync.Mutex
	ready := 0
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				mac, vars := who(i)
				if _, err := m.Pair(mac, vars); err != nil {
					stop(err)
					return
				}
				telling.Lock()
				if ready++; done != nil && (ready%100 == 0 || ready == n) {
					done(ready)
				}
				telling.Unlock()
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}
