package webd

import (
	"net/http"
	"strings"

	"github.com/icholy/digest"
)

// Password asks for a user and a password, by the scheme "Basic" or "Digest".
func Password(files http.Handler, scheme, user, password string) http.Handler {
	challenge := `Basic realm="phones"`
	if scheme == "Digest" {
		challenge = `Digest realm="phones", nonce="31d1ca5e", algorithm=SHA-256, qop="auth"`
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !proves(r, challenge, user, password) {
			w.Header().Set("WWW-Authenticate", challenge)
			http.Error(w, "user and password are needed", http.StatusUnauthorized)
			return
		}
		files.ServeHTTP(w, r)
	})
}

func proves(r *http.Request, challenge, user, password string) bool {
	if gotUser, gotPassword, ok := r.BasicAuth(); ok {
		return strings.HasPrefix(challenge, "Basic") && gotUser == user && gotPassword == password
	}
	got, err := digest.ParseCredentials(r.Header.Get("Authorization"))
	asked, bad := digest.ParseChallenge(challenge)
	if err != nil || bad != nil {
		return false
	}
	want, err := digest.Digest(asked, digest.Options{
		Method: r.Method, URI: r.RequestURI, Count: got.Nc, Cnonce: got.Cnonce, Username: user, Password: password,
	})
	return err == nil && got.URI == r.RequestURI && got.Response == want.Response
}
