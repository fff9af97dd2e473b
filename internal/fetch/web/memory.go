package web

import (
	"crypto/sha256"
	"crypto/tls"
	"sync"
	"time"

	"provsim/device"
)

// How many certificates a client remembers. A device's own takes a few kilobytes of
// memory; authorities and servers are few.
const (
	mostPairs  = 4096
	mostPools  = 64
	mostProofs = 256
)

// learnt is what a client has learnt from certificates. Its keys are made of the files'
// content, because a device may change its files at any time.
type learnt struct {
	pairs  memory[fingerprint, tls.Certificate]
	pools  memory[fingerprint, anchor]
	proofs memory[proof, time.Time]
}

type fingerprint [sha256.Size]byte

// client returns the client certificate of uploaded files.
func (l *learnt) client(c *device.Certificates) (tls.Certificate, error) {
	if len(c.Cert) == 0 && len(c.Key) == 0 {
		return tls.Certificate{}, nil
	}
	return l.pairs.recall(mostPairs, fingerprintOf(c.Cert, c.Key, []byte(c.Pass)), func() (tls.Certificate, error) { return parsePair(c) })
}

// authorities returns those of an uploaded file as the only ones that count.
func (l *learnt) authorities(file []byte) (anchor, error) {
	return l.pools.recall(mostPools, fingerprintOf(file), func() (anchor, error) {
		certs, err := ParseChain(file)
		return anchorOf(certs...), err
	})
}

// fingerprintOf tells parts apart however long they are.
func fingerprintOf(parts ...[]byte) (sum fingerprint) {
	h := sha256.New()
	for _, part := range parts {
		one := sha256.Sum256(part)
		h.Write(one[:])
	}
	h.Sum(sum[:0])
	return sum
}

// A memory keeps some of what it took time to find out. The zero memory is
// empty.
type memory[K comparable, V any] struct {
	mu    sync.Mutex
	known map[K]V
}

func (m *memory[K, V]) get(key K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.known[key]
	return value, ok
}

// put keeps a value, in place of any other one where there would be too many:
// devices come in turn, so that the oldest is the next to be wanted.
func (m *memory[K, V]) put(most int, key K, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[K]V{}
	}
	for other := range m.known {
		if len(m.known) < most {
			break
		}
		delete(m.known, other)
	}
	m.known[key] = value
}

// recall returns what is known, or finds it out and keeps it. An error is not
// kept. Two that want the same at the same time may both find it out.
func (m *memory[K, V]) recall(most int, key K, find func() (V, error)) (V, error) {
	value, ok := m.get(key)
	if ok {
		return value, nil
	}
	value, err := find()
	if err == nil {
		m.put(most, key, value)
	}
	return value, err
}
