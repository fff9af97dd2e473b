//go:build linux

package interop

import (
	"bytes"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/lab"
	"provsim/internal/testing/peer"
)

// ours is the phone of all tests (FV-ID-1).
var ours = device.Identity{
	MAC: device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}, Product: "IP542N",
	Serial: "FV0021F2011B19", Hardware: "v1.0.1", Software: "v3.3.8",
}

// The authorities of all tests. Keys take time to make, RSA ones most of all.
var (
	caECDSA   = sync.OnceValue(func() *lab.Authority { return authority("provisioning CA", lab.ECDSA) })
	caRSA     = sync.OnceValue(func() *lab.Authority { return authority("provisioning CA with RSA", lab.RSA) })
	caForeign = sync.OnceValue(func() *lab.Authority { return authority("a CA that the server does not know", lab.ECDSA) })
)

func authority(name string, algorithm lab.Algorithm) *lab.Authority {
	a, err := lab.NewAuthority(name, algorithm)
	if err != nil {
		panic(err) // the system has no randomness
	}
	return a
}

func authorityOf(algorithm lab.Algorithm) *lab.Authority {
	if algorithm == lab.RSA {
		return caRSA()
	}
	return caECDSA()
}

func issue(t *testing.T, ca *lab.Authority, leaf lab.Leaf) (cert, key []byte) {
	t.Helper()
	cert, key, err := ca.Issue(leaf)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// An uploads is what somebody has uploaded to the phone (FV-TLS-1). The tables
// name those below; their servers know caECDSA.
type uploads func(t *testing.T) device.Certificates

// fine has all that it takes.
func fine(t *testing.T) device.Certificates { return issued(t, caECDSA(), caECDSA(), time.Time{}) }

// none is what a new phone has.
func none(*testing.T) device.Certificates { return device.Certificates{} }

// noCert trusts the server and has nothing to show.
func noCert(*testing.T) device.Certificates { return device.Certificates{CA: caECDSA().PEM()} }

// otherCert has a certificate from an authority that the server does not know.
func otherCert(t *testing.T) device.Certificates {
	return issued(t, caECDSA(), caForeign(), time.Time{})
}

// oldCert has a certificate that ended yesterday.
func oldCert(t *testing.T) device.Certificates {
	return issued(t, caECDSA(), caECDSA(), time.Now().Add(-24*time.Hour))
}

// otherCA trusts another authority than that of the server's certificate.
func otherCA(t *testing.T) device.Certificates { return issued(t, caForeign(), caECDSA(), time.Time{}) }

// lostPass has an encrypted key and no pass phrase.
func lostPass(t *testing.T) device.Certificates {
	c := fine(t)
	c.Key = openssl(t, c.Key, "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:nobody knows")
	return c
}

// issued returns the certificates of a phone that trusts one authority and has its
// own certificate from another.
func issued(t *testing.T, trusts, issuer *lab.Authority, expires time.Time) device.Certificates {
	t.Helper()
	leaf := lab.Client(ours.MAC, ours.Product)
	leaf.Expires = expires
	cert, key := issue(t, issuer, leaf)
	return device.Certificates{CA: trusts.PEM(), Cert: cert, Key: key}
}

// openssl runs the real program over an input.
func openssl(t *testing.T, input []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), peer.Find(t, "openssl", "openssl"), args...)
	cmd.Stdin = bytes.NewReader(input)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("openssl %s: %v: %s", args[0], err, complaints.String())
	}
	return output
}
