package server

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/icholy/digest"
)

// Bounds of wrong passwords (WT-SEC-2).
const (
	mostWrong   = 10
	wrongWindow = time.Minute
	mostSources = 10_000 // addresses that are remembered
)

// guard asks for name and password: Basic, or Digest with SHA-256 or MD5
// (WT-CON-4).
type guard struct {
	users map[string]string
	nonce string

	mu    sync.Mutex
	wrong map[netip.Addr]*wrongs
}

type wrongs struct {
	since time.Time
	count int
}

func newGuard(users map[string]string) *guard {
	return &guard{users: users, nonce: strings.ToLower(rand.Text()), wrong: map[netip.Addr]*wrongs{}}
}

const realm = "tun"

func (g *guard) challenge(algorithm string) *digest.Challenge {
	return &digest.Challenge{Realm: realm, Nonce: g.nonce, QOP: []string{"auth"}, Algorithm: algorithm}
}

// admit lets a request in by the status 0, or says how to refuse it.
func (g *guard) admit(w http.ResponseWriter, r *http.Request, from netip.Addr) (status int, why string) {
	if g.banned(from) {
		w.Header().Set("Retry-After", "60")
		return http.StatusTooManyRequests, "too many wrong passwords"
	}
	given := r.Header.Get("Authorization")
	if g.proves(r, given) {
		return 0, ""
	}
	if given != "" {
		g.count(from)
	}
	for _, algorithm := range []string{"SHA-256", "MD5"} {
		w.Header().Add("WWW-Authenticate", g.challenge(algorithm).String())
	}
	w.Header().Add("WWW-Authenticate", `Basic realm="`+realm+`"`)
	return http.StatusUnauthorized, "name and password are needed"
}

func (g *guard) proves(r *http.Request, given string) bool {
	if user, password, basic := r.BasicAuth(); basic {
		want, known := g.users[user]
		return same(password, want) && known
	}
	c, err := digest.ParseCredentials(given)
	if err != nil || c.Nonce != g.nonce || c.Realm != realm || c.QOP != "auth" || c.URI != r.RequestURI || c.Algorithm != "MD5" && c.Algorithm != "SHA-256" {
		return false
	}
	password, known := g.users[c.Username]
	want, err := digest.Digest(g.challenge(c.Algorithm), digest.Options{
		Method: r.Method, URI: r.RequestURI, Count: c.Nc, Cnonce: c.Cnonce, Username: c.Username, Password: password,
	})
	return err == nil && same(c.Response, want.Response) && known
}

// same compares in a time that tells nothing about what is right, nor its length.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// banned reports whether an address has shown too many wrong passwords within the
// last minute.
func (g *guard) banned(from netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	w := g.wrong[from]
	if w != nil && time.Since(w.since) > wrongWindow {
		delete(g.wrong, from)
		return false
	}
	return w != nil && w.count >= mostWrong
}

func (g *guard) count(from netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	w := g.wrong[from]
	if w == nil {
		if len(g.wrong) >= mostSources {
			clear(g.wrong) // a flood from everywhere: remember the latest
		}
		w = &wrongs{since: time.Now()}
		g.wrong[from] = w
	}
	if w.count++; w.count == mostWrong {
		w.since = time.Now() // the minute of the ban
	}
}
