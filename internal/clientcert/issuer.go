package clientcert

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"provsim/device"
	"provsim/macro"
)

// An Issuer makes and keeps certificates. It may be used from many goroutines. It
// keeps nothing in memory.
type Issuer struct {
	dir       string
	authority *Authority
	form      Form
}

// Form is what the certificates have beside the key.
type Form struct {
	Subject     Subject
	SerialStart []byte // begins the serial number, before the bytes of the device's address; nil: the number is random
	Years       int    // how long they count, unless the authority ends before; 0: 10
}

// Open returns an issuer that keeps its files below dir, which it makes if it is missing.
func Open(dir string, a *Authority, f Form) (*Issuer, error) {
	h := sha256.New()
	h.Write(a.cert.Raw)
	h.Write([]byte(f.Subject.text))
	if f.SerialStart != nil || f.Years != 0 {
		fmt.Fprintf(h, "\n%x %d", f.SerialStart, f.Years)
	}
	m := &Issuer{dir: filepath.Join(dir, hex.EncodeToString(h.Sum(nil)[:8])), authority: a, form: f}
	return m, os.MkdirAll(m.dir, 0o700)
}

// Pair returns the certificate and key of a device, as PEM: those that are kept,
// or new ones. The variables are for the subject. Cert and Key of the result are
// the same file, of which each takes its part.
func (m *Issuer) Pair(mac device.MAC, vars macro.Vars) (*device.Certificates, error) {
	path := m.path(mac)
	file, err := read(path)
	if errors.Is(err, os.ErrNotExist) {
		if file, err = m.make(mac, vars); err == nil {
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
func (m *Issuer) path(mac device.MAC) string {
	name := mac.String()
	return filepath.Join(m.dir, name[len(name)-2:], name+".pem")
}

// make returns a new file for a device.
func (m *Issuer) make(mac device.MAC, vars macro.Vars) ([]byte, error) {
	name, err := m.form.Subject.name(vars)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	var number *big.Int
	if start := m.form.SerialStart; start != nil {
		number = new(big.Int).SetBytes(slices.Concat(start, mac[:]))
	}
	cert, err := m.authority.sign(name, number, key.Public(), time.Now(), time.Duration(cmp.Or(m.form.Years, 10))*year)
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
func (m *Issuer) Ahead(ctx context.Context, n int, who func(i int) (device.MAC, macro.Vars), done func(ready int)) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var reporting sync.Mutex
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
				reporting.Lock()
				if ready++; done != nil && (ready%100 == 0 || ready == n) {
					done(ready)
				}
				reporting.Unlock()
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}
