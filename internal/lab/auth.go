package lab

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/icholy/digest"
)

// A Realm is a part of the web servers that needs a user and a password.
type Realm struct {
	Prefix         string // of the paths, such as "/private/"; the first realm that fits a path counts
	User, Password string
	Schemes        []Scheme // offered in this order; none: Basic
}

// A Scheme is a way of proving a password.
type Scheme uint8

// The schemes of a Realm (RFC 7617, RFC 7616).
const (
	Basic Scheme = iota
	DigestMD5
	DigestSHA256
)

var digestAlgorithms = map[Scheme]string{DigestMD5: "MD5", DigestSHA256: "SHA-256"}

// nonce is the same for all challenges of a lab: that is good enough to see
// whether a client answers them, and no file of a lab is a secret.
const nonce = "5f0c52a1e7d94b0b"

// admit lets a request in, or answers 401 and reports false.
func (l *Lab) admit(w http.ResponseWriter, r *http.Request) bool {
	for _, realm := range l.config.Realms {
		if !strings.HasPrefix(r.URL.Path, rooted(realm.Prefix)) {
			continue
		}
		if realm.proves(r) {
			return true
		}
		for _, scheme := range realm.schemes() {
			w.Header().Add("WWW-Authenticate", realm.challenge(scheme))
		}
		http.Error(w, "user and password are needed", http.StatusUnauthorized)
		return false
	}
	return true
}

func (realm Realm) schemes() []Scheme {
	if len(realm.Schemes) == 0 {
		return []Scheme{Basic}
	}
	return realm.Schemes
}

func (realm Realm) challenge(scheme Scheme) string {
	if scheme == Basic {
		return `Basic realm="provsim lab"`
	}
	return realm.digest(scheme).String()
}

func (realm Realm) digest(scheme Scheme) *digest.Challenge {
	return &digest.Challenge{
		Realm: "provsim lab", Nonce: nonce, QOP: []string{"auth"}, Algorithm: digestAlgorithms[scheme],
	}
}

// proves reports whether a request shows the password by an offered scheme.
func (realm Realm) proves(r *http.Request) bool {
	user, password, basic := r.BasicAuth()
	given, err := digest.ParseCredentials(r.Header.Get("Authorization"))
	for _, scheme := range realm.schemes() {
		switch {
		case scheme == Basic:
			if basic && same(user, realm.User) && same(password, realm.Password) {
				return true
			}
		case err == nil && given.Algorithm == digestAlgorithms[scheme]:
			return realm.provesDigest(scheme, given, r)
		}
	}
	return false
}

func (realm Realm) provesDigest(scheme Scheme, given *digest.Credentials, r *http.Request) bool {
	want, err := digest.Digest(realm.digest(scheme), digest.Options{
		Method: r.Method, URI: r.RequestURI, Count: given.Nc, Cnonce: given.Cnonce,
		Username: realm.User, Password: realm.Password,
	})
	return err == nil && same(given.Response, want.Response)
}

// same compares without telling by its time how much is right.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
