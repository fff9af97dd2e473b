package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/icholy/digest"

	"provsim/internal/lab"
	"provsim/resync"
)

// startLab runs a lab for one test.
func startLab(t *testing.T, config lab.Config) *lab.Lab {
	t.Helper()
	l, err := lab.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestPasswordsAreProven(t *testing.T) {
	schemes := map[string][]lab.Scheme{
		"Basic":               {lab.Basic},
		"Digest with MD5":     {lab.DigestMD5},
		"Digest with SHA-256": {lab.DigestSHA256},
		"Digest in both":      {lab.DigestSHA256, lab.DigestMD5},
		"Basic before Digest": {lab.Basic, lab.DigestMD5},
	}
	for name, offered := range schemes {
		t.Run(name, func(t *testing.T) {
			l := startLab(t, lab.Config{Realms: []lab.Realm{{Prefix: "/", User: "phone", Password: "sec:ret ü", Schemes: offered}}})
			l.Files.Put("f", []byte("x"))
			req := request(t, l.URL("http", "f")+"?q=a%20b")
			req.User, req.Password = "phone", "sec:ret ü"
			expect(t, fetch(t, req), resync.None, "")
			req.Password = "wrong"
			expect(t, fetch(t, req), resync.Unauthorized, "401 Unauthorized: the server refuses user and password")
			req.User, req.Password = "", ""
			expect(t, fetch(t, req), resync.Unauthorized, "401 Unauthorized: the rule has no user and password")
		})
	}
}

// challenging starts a server that is never content, and returns what it gets.
func challenging(t *testing.T, challenges ...string) (at string, got func() []string) {
	t.Helper()
	var authorizations []string
	at = serve(t, func(w http.ResponseWriter, r *http.Request) {
		authorizations = append(authorizations, r.Header.Get("Authorization"))
		for _, c := range challenges {
			w.Header().Add("WWW-Authenticate", strings.ReplaceAll(c, "COUNT", fmt.Sprint(len(authorizations))))
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	return at, func() []string { return authorizations }
}

func TestWhichChallengeIsAnswered(t *testing.T) {
	const refused = "401 Unauthorized: the server refuses user and password"
	for _, c := range []struct {
		name       string
		challenges []string
		prefix     string // of the answers
		note       string
	}{
		{"Basic", []string{`Basic realm="r"`}, "Basic cGhvbmU6c2VjcmV0", refused},
		{"Basic in other letters", []string{`bASIC realm="r"`}, "Basic cGhvbmU6c2VjcmV0", refused},
		{"Digest is preferred", []string{`Basic realm="r"`, `Digest realm="r", nonce="n"`}, `Digest username="phone"`, refused},
		{"two in one field", []string{`Basic realm="a, Digest \" b", Digest realm="r", nonce="n", qop="auth,auth-int"`}, `Digest username="phone"`, refused},
		{"and the other way round", []string{`Digest realm="r", nonce="n", Basic realm="a"`}, `Digest username="phone"`, refused},
		{"a scheme without parameters before", []string{`Negotiate, Basic realm="r"`}, "Basic cGhvbmU6c2VjcmV0", refused},
		{"Digest that is not known, and Basic", []string{`Digest realm="r", nonce="n", algorithm=MD5-sess`, `Basic realm="r"`}, "Basic cGhvbmU6c2VjcmV0", refused},
		{"Digest that is not known", []string{`Digest realm="r", nonce="n", algorithm=MD5-sess`}, "",
			"401 Unauthorized: the server offers Digest with MD5-sess; the phone knows Basic, and Digest with MD5, SHA-256 or SHA-512"},
		{"Digest with bytes of its own", []string{`Digest realm="r", nonce="n", algorithm="DBID_SIP_PASSWORD=x"`}, "",
			"401 Unauthorized: the server offers Digest with an unknown scheme; the phone knows Basic, and Digest with MD5, SHA-256 or SHA-512"},
		{"Digest that does not parse", []string{`Digest realm="r`}, "", "401 Unauthorized: the server's Digest challenge does not parse"},
		{"another scheme", []string{`Negotiate`, `NTLM`}, "", "401 Unauthorized: the server offers Negotiate, NTLM; the phone knows Basic, and Digest with MD5, SHA-256 or SHA-512"},
		{"no challenge", nil, "", "401 Unauthorized: the server offers nothing in WWW-Authenticate; the phone knows Basic, and Digest with MD5, SHA-256 or SHA-512"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, got := challenging(t, c.challenges...)
			req := request(t, at+"/f")
			req.User, req.Password = "phone", "secret"
			expect(t, fetch(t, req), resync.Unauthorized, c.note)
			answers := got()
			if answers[0] != "" {
				t.Errorf("the first request has Authorization %q already", answers[0])
			}
			if want := map[bool]int{true: 3, false: 1}[c.prefix != ""]; len(answers) != want {
				t.Fatalf("%d requests, want %d", len(answers), want)
			}
			for _, answer := range answers[1:] {
				if !strings.HasPrefix(answer, c.prefix) {
					t.Errorf("answer %q, want %q", answer, c.prefix)
				}
			}
		})
	}
}

func TestANonceIsCounted(t *testing.T) {
	for challenge, want := range map[string][]int{
		`Digest realm="r", nonce="same", qop="auth"`:  {1, 2},
		`Digest realm="r", nonce="COUNT", qop="auth"`: {1, 1},
	} {
		at, got := challenging(t, challenge)
		req := request(t, at+"/f?q")
		req.User, req.Password = "phone", "secret"
		fetch(t, req)
		for i, answer := range got()[1:] {
			c, err := digest.ParseCredentials(answer)
			if err != nil || c.Nc != want[i] || c.URI != "/f?q" {
				t.Errorf("%s: answer %d is %q, want nc %d", challenge, i+1, answer, want[i])
			}
		}
	}
}
