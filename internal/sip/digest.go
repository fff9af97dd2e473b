package sip

import (
	"crypto/subtle"
	"fmt"
	"hash/maphash"
	"time"

	"github.com/icholy/digest"
)

// An Account is the user and the password that the sender of a NOTIFY must show by
// Digest (RFC 3261 section 22).
type Account struct{ User, Password string }

// realm is what the phone calls itself in a challenge. What a phone calls itself is
// not documented; a sender finds its password by the phone.
const realm = "phone"

// nonceLife is how long a nonce counts, once or twice over. A NOTIFY that somebody has
// overheard counts no longer.
const nonceLife = 2 * time.Minute

// unauthorized returns how a request is answered that does not show the account.
// Refused is why.
func (a *agent) unauthorized(refused string, now time.Time) reply {
	c := digest.Challenge{Realm: realm, Nonce: a.nonce(now), Algorithm: "MD5", QOP: []string{"auth"}}
	return reply{"401 Unauthorized", []string{"WWW-Authenticate: " + c.String()}, nothing, refused}
}

// shows reports whether a request shows an account.
func (a *agent) shows(m *message, want Account, now time.Time) bool {
	for _, field := range m.authorization {
		given, err := digest.ParseCredentials(field)
		if err != nil || given.Realm != realm || given.Nonce != a.nonce(now) && given.Nonce != a.nonce(now.Add(-nonceLife)) {
			continue
		}
		c := &digest.Challenge{Realm: realm, Nonce: given.Nonce, Algorithm: "MD5"}
		switch given.QOP {
		case "auth":
			c.QOP = []string{"auth"}
		case "": // a sender of RFC 2069's age
		default:
			continue
		}
		right, err := digest.Digest(c, digest.Options{
			Method: m.method, URI: given.URI, Count: given.Nc, Cnonce: given.Cnonce, Username: want.User, Password: want.Password,
		})
		if err == nil && given.Username == want.User && subtle.ConstantTimeCompare([]byte(given.Response), []byte(right.Response)) == 1 {
			return true
		}
	}
	return false
}

// nonce returns that of the time.
func (a *agent) nonce(now time.Time) string {
	return fmt.Sprintf("%016x", maphash.Comparable(a.seed, now.UnixNano()/int64(nonceLife)))
}
