package web

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/lab"
	"provsim/internal/testing/keyform"
	"provsim/profile"
	"provsim/resync"
)

func FuzzEscapePath(f *testing.F) {
	for _, path := range []string{"", "/", "/a b", "/%20%zz%", "?q=ü#x", "/a\r\nX: y", "//h/p", "/\x00\x7f\xff"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got := escapePath(path)
		if !strings.HasPrefix(got, "/") {
			t.Errorf("%q becomes %q, want it to begin with /", path, got)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }); i >= 0 {
			t.Errorf("%q becomes %q with an illegal byte at %d", path, got, i)
		}
		if again := escapePath(got); again != got {
			t.Errorf("%q becomes %q and then %q", path, got, again)
		}
		if plain := strings.TrimPrefix(path, "/"); strings.Count(got, "%") < strings.Count(plain, "%") {
			t.Errorf("%q becomes %q and loses what was escaped", path, got)
		}
	})
}

func FuzzOffers(f *testing.F) {
	f.Add(`Basic realm="a, b"`, `Digest realm="r", nonce="n\"", qop="auth,auth-int", Negotiate`)
	f.Add("", ",,=,")
	f.Add(`"`, `\`)
	f.Fuzz(func(t *testing.T, one, two string) {
		all := Challenges(http.Header{"Www-Authenticate": {one, two}})
		if len(all) < 2 {
			t.Fatalf("%q and %q make %d offers", one, two, len(all))
		}
		tr := &transfer{first: device.Request{Target: profile.Target{User: "u", Password: "secret"}}}
		header, err := tr.answer(all)
		if strings.ContainsAny(header, "\r\n") || err != nil && header != "" {
			t.Errorf("answer %q, error %v", header, err)
		}
	})
}

// newPair returns a client's certificate and its key.
func newPair(f *testing.F) (cert, key []byte) {
	ca, err := lab.NewAuthority("lab CA", lab.ECDSA)
	if err != nil {
		f.Fatal(err)
	}
	cert, key, err = ca.Issue(lab.Client(device.MAC{0, 0x21, 0xf2}, "IP542N"))
	if err != nil {
		f.Fatal(err)
	}
	return cert, key
}

func FuzzParseCertificates(f *testing.F) {
	cert, key := newPair(f)
	f.Add(cert, cert, key, "")
	for _, form := range []keyform.Form{keyform.Traditional, keyform.EncryptedTraditional, keyform.EncryptedPKCS8} {
		sealed, err := keyform.Encrypt(key, form, "whatever")
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte{}, cert, sealed, "whatever")
	}
	f.Fuzz(func(t *testing.T, ca, cert, key []byte, pass string) {
		id, err := ParseCertificates(&device.Certificates{CA: ca, Cert: cert, Key: key, Pass: pass})
		if (id == nil) != (err != nil) {
			t.Fatalf("identity %v with error %v", id, err)
		}
		if err == nil && len(cert) > 0 && (id.Client.Leaf == nil || id.Client.PrivateKey == nil) {
			t.Fatal("a client certificate without leaf or key")
		}
	})
}

// FuzzPKCS8 reaches the parameters of the encryption, which PEM hides from the
// fuzzer.
func FuzzPKCS8(f *testing.F) {
	_, key := newPair(f)
	sealed, err := keyform.Encrypt(key, keyform.EncryptedPKCS8, "whatever")
	if err != nil {
		f.Fatal(err)
	}
	block, _ := pem.Decode(sealed)
	f.Add(block.Bytes, "whatever")
	f.Add([]byte("0\x03\x02\x01\x00"), "")
	f.Fuzz(func(t *testing.T, der []byte, pass string) {
		plain, err := openPKCS8(der, pass)
		if err == nil && len(plain) >= len(der) {
			t.Errorf("%d bytes out of %d", len(plain), len(der))
		}
	})
}

// FuzzAnswer is a server that says anything.
func FuzzAnswer(f *testing.F) {
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
		"HTTP/1.0 200 OK\r\n\r\nhello",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 400 Bad\r\n\r\nThe plain HTTP request was sent to HTTPS port",
	} {
		f.Add([]byte(answer))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		client := Client{DialContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go io.Copy(io.Discard, theirs)
			go func() {
				io.Copy(theirs, bytes.NewReader(answer))
				theirs.Close()
			}()
			return ours, nil
		}}
		const limit = 20
		reply := client.Fetch(t.Context(), device.Request{
			Target: profile.Target{Scheme: "http", Host: "h", Port: 80, Path: "/a", User: "u", Password: "secret"}, Limit: limit, Timeout: 10 * time.Second,
		})
		switch {
		case reply.Outcome == resync.Timeout:
			t.Errorf("%q holds up the client", answer)
		case reply.Outcome != resync.None && (reply.Body != nil || reply.Note == ""):
			t.Errorf("outcome %q with body %q and note %q", reply.Outcome, reply.Body, reply.Note)
		case reply.Outcome == resync.None && (len(reply.Body) > limit || reply.Bytes != int64(len(reply.Body))):
			t.Errorf("body of %d bytes, said to be %d", len(reply.Body), reply.Bytes)
		case strings.Contains(reply.Note, "secret") || strings.ContainsFunc(reply.Note, func(r rune) bool { return r < ' ' }):
			t.Errorf("note %q", reply.Note)
		}
	})
}
