package web

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/icholy/digest"

	"provsim/resync"
)

const maxAnswers = 2 // FV-HTTP-2

// challenges remembers the 401s of a transfer.
type challenges struct {
	answered int
	nonce    string // of the last Digest challenge
	uses     int    // of that nonce
}

// authorize prepares the answer to a 401, where there is one to give.
func (t *transfer) authorize(resp *http.Response) error {
	refuse := func(why string) error { return fail(resync.Unauthorized, "%s: %s", status(resp), why) }
	switch {
	case t.first.User == "" && t.first.Password == "":
		return refuse("the rule has no user and password")
	case !entrusted(t.first, t.req):
		return refuse("user and password are for the rule's own server only")
	case t.challenges.answered == maxAnswers:
		return refuse("the server refuses user and password")
	}
	t.challenges.answered++
	var err error
	if t.authorization, err = t.answer(Challenges(resp.Header)); err != nil {
		return refuse(err.Error())
	}
	return nil
}

// answer takes the first Digest challenge that it can (RFC 7616 section 3.7),
// and Basic (RFC 7617) without a challenge.
func (t *transfer) answer(offered []string) (string, error) {
	challenge, err := digest.FindChallenge(http.Header{"Www-Authenticate": offered})
	if err == nil {
		return t.answerDigest(challenge)
	}
	for _, offer := range offered {
		if scheme, _, _ := strings.Cut(offer, " "); strings.EqualFold(scheme, "Basic") {
			pair := t.first.User + ":" + t.first.Password
			return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)), nil
		}
	}
	if errors.Is(err, digest.ErrNoChallenge) {
		return "", fmt.Errorf("the server offers %s; the phone knows Basic, and Digest with MD5, SHA-256 or SHA-512", schemes(offered))
	}
	return "", errors.New("the server's Digest challenge does not parse")
}

// schemes names what a server offers by its schemes and algorithms.
func schemes(offered []string) string {
	var names []string
	for _, offer := range offered {
		scheme, _, _ := strings.Cut(offer, " ")
		name := word(scheme)
		if challenge, err := digest.ParseChallenge(offer); err == nil && challenge.Algorithm != "" {
			name += " with " + word(challenge.Algorithm)
		}
		names = append(names, name)
	}
	if names == nil {
		return "nothing in WWW-Authenticate"
	}
	return strings.Join(names, ", ")
}

// word returns a text that is a short token of letters, digits and "-", and
// otherwise a word for it: a note holds no other bytes of a server's.
func word(text string) string {
	const longest = 20
	strange := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	}
	if text == "" || len(text) > longest || strings.ContainsFunc(text, strange) {
		return "an unknown scheme"
	}
	return text
}

func (t *transfer) answerDigest(challenge *digest.Challenge) (string, error) {
	if challenge.Nonce != t.challenges.nonce {
		t.challenges.nonce, t.challenges.uses = challenge.Nonce, 0
	}
	t.challenges.uses++
	credentials, err := digest.Digest(challenge, digest.Options{
		Method:   method(t.req),
		GetBody:  func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(t.body)), nil },
		URI:      escapePath(t.req.Path),
		Count:    t.challenges.uses,
		Username: t.first.User,
		Password: t.first.Password,
	})
	if err != nil {
		return "", err
	}
	return credentials.String(), nil
}

// Challenges returns the challenges of all WWW-Authenticate fields, one each: a
// field may hold several, with the same comma between challenges as between
// the parameters of one (RFC 9110 section 11.6.1).
func Challenges(header http.Header) []string {
	var all []string
	for _, field := range header.Values("WWW-Authenticate") {
		first := true
		for _, part := range splitList(field) {
			name, _, _ := strings.Cut(part, "=")
			if first || strings.Contains(strings.TrimSpace(name), " ") || name == part {
				all = append(all, part)
			} else {
				all[len(all)-1] += ", " + part
			}
			first = false
		}
	}
	return all
}

// splitList cuts a field at the commas outside of quoted strings.
func splitList(field string) []string {
	var parts []string
	quoted, escaped, begin := false, false, 0
	for i := range len(field) {
		switch c := field[i]; {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			parts = append(parts, strings.TrimSpace(field[begin:i]))
			begin = i + 1
		}
	}
	return append(parts, strings.TrimSpace(field[begin:]))
}
