package webd

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"

	"provsim/internal/lab"
)

// TLS returns how a good HTTPS server shakes hands: TLS 1.2 and 1.3, a
// certificate of the authority for this machine, and a client certificate of the
// same authority required. A mutant changes what it returns.
func TLS(t testing.TB, ca *lab.Authority) *tls.Config {
	t.Helper()
	cert, key, err := ca.Issue(lab.Leaf{Name: "provisioning server", Hosts: []string{"127.0.0.1", "localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{pair},
		ClientCAs:    ca.Pool(), ClientAuth: tls.RequireAndVerifyClientCert,
		MinVersion: tls.VersionTLS12,
	}
}

// OwnFileOnly lets a phone read its own configuration, by the name in its
// certificate, and the files that belong to no phone.
func OwnFileOnly(files http.Handler, own func(name, path string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 || !own(r.TLS.PeerCertificates[0].Subject.CommonName, r.URL.Path) {
			http.Error(w, "not yours", http.StatusForbidden)
			return
		}
		files.ServeHTTP(w, r)
	})
}

// Own reports whether a path is that of a phone's own file, or belongs to no phone:
// phones are named by their MAC address in upper case, and their files after them.
func Own(name, path string) bool {
	return !strings.HasPrefix(path, "/fv") || path == "/fv"+name+".conf"
}
