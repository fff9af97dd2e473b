package http

import (
	"encoding/base64"

	"github.com/icholy/digest"
)

// credentials returns the header line that answers the server's challenge, if
// there is one: Digest where that is offered, else Basic, as the phone does. It
// is a secret.
func (f *file) credentials(method, path string) []string {
	if f.challenge == nil {
		return nil
	}
	challenge, err := digest.FindChallenge(f.challenge)
	if err != nil {
		pair := f.req.User + ":" + f.req.Password
		return []string{"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}
	}
	f.uses++
	proof, err := digest.Digest(challenge, digest.Options{
		Method: method, URI: path, Count: f.uses, Username: f.req.User, Password: f.req.Password,
	})
	if err != nil {
		return nil // of an algorithm that is not known here; the server says 401 again
	}
	return []string{"Authorization: " + proof.String()}
}
