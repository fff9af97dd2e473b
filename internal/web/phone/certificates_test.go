package phone

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/lab"
	"provsim/internal/testing/keyform"
)

// issue returns what an administrator has from his authority.
func issue(t *testing.T) device.Certificates {
	t.Helper()
	ca, err := lab.NewAuthority("the CA", lab.ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := ca.Issue(lab.Leaf{Name: "the phone"})
	if err != nil {
		t.Fatal(err)
	}
	return device.Certificates{CA: ca.PEM(), Cert: cert, Key: key}
}

func TestUploadOfCertificates(t *testing.T) {
	mine, other := issue(t), issue(t)
	sealed, err := keyform.Encrypt(mine.Key, keyform.EncryptedPKCS8, "cheese 42")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	later := now.Add(20 * 365 * 24 * time.Hour)
	for _, tt := range []struct {
		rule       string
		has        device.Certificates
		kind       string
		file       []byte
		pass       string
		now        time.Time
		warn, fail string // parts of what is said
	}{
		{"a CA is stored", device.Certificates{}, "ca", mine.CA, "", now, "", ""},
		{"a client's certificate is no CA", device.Certificates{}, "ca", mine.Cert, "", now, "not the certificate of an authority", ""},
		{"what is not PEM is refused", device.Certificates{}, "ca", []byte("hello"), "", now, "", "no PEM block -----BEGIN CERTIFICATE-----"},
		{"a key is no certificate", device.Certificates{}, "cert", mine.Key, "", now, "", "no PEM block -----BEGIN CERTIFICATE-----"},
		{"a certificate that has expired is stored with a warning", device.Certificates{}, "cert", mine.Cert, "", later, "Expired on", ""},
		{"a certificate comes before its key", device.Certificates{Key: other.Key}, "cert", mine.Cert, "", now, "upload its own key next", ""},
		{"a key alone waits for its certificate", device.Certificates{}, "key", mine.Key, "", now, "still to be uploaded", ""},
		{"a key that matches is stored", device.Certificates{Cert: mine.Cert}, "key", mine.Key, "", now, "", ""},
		{"a key of another certificate is refused", device.Certificates{Cert: other.Cert}, "key", mine.Key, "", now, "", "belongs to another certificate"},
		{"a sealed key needs its pass phrase", device.Certificates{Cert: mine.Cert}, "key", sealed, "", now, "", "no pass phrase is given"},
		{"a sealed key opens with its pass phrase", device.Certificates{Cert: mine.Cert}, "key", sealed, "cheese 42", now, "", ""},
	} {
		u, _ := findUpdateType(tt.kind)
		next, warning, err := u.upload(tt.has, tt.file, tt.pass, tt.now)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if !strings.Contains(said, tt.fail) || (said == "") != (tt.fail == "") || !strings.Contains(warning, tt.warn) || (warning == "") != (tt.warn == "") {
			t.Errorf("%s: error %q, warning %q", tt.rule, said, warning)
		}
		if err == nil && next.Pass != tt.pass {
			t.Errorf("%s: the pass phrase is not stored", tt.rule)
		}
		if stored := string(*u.file(&next)) == string(tt.file); stored != (err == nil) {
			t.Errorf("%s: stored is %t with error %v", tt.rule, stored, err)
		}
	}
}

// The page says what is installed, by the guide's titles.
func TestWhatIsInstalled(t *testing.T) {
	c := issue(t)
	b := start(t, setup{})
	for kind, file := range map[string][]byte{"ca": c.CA, "cert": c.Cert, "key": c.Key} {
		status, _ := b.upload("/security/certificate", "x.pem", file, map[string]string{"type": kind})
		b.status(kind, status, http.StatusSeeOther)
	}
	page := mustGet(b, "/security")
	b.contains(page, "Provision CA Certification", "Provision Client Certification", "Provision Private Key", "CN=the phone", "CN=the CA", "ECDSA, P-256")
	stored := b.look().stored.Certificates
	if stored == nil || string(stored.Key) != string(c.Key) || string(stored.CA) != string(c.CA) || string(stored.Cert) != string(c.Cert) {
		t.Error("the phone has not stored the files")
	}
	var told struct {
		Certificates []installed `json:"certificates"`
	}
	if _, body := b.get("/api/certificates"); json.Unmarshal([]byte(body), &told) != nil || len(told.Certificates) != 3 ||
		told.Certificates[1].Subject != "CN=the phone" || len(told.Certificates[1].Fingerprint) != 95 {
		t.Errorf("the API tells %s", body)
	}
}
