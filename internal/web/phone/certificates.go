package phone

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/internal/web/app"
)

// updateTypes are what can be uploaded, by the titles of the provisioning guide's
// section 4.2 step 8 and in its order.
var updateTypes = []updateType{
	{Kind: "ca", Title: "Provision CA Certification", file: func(c *device.Certificates) *[]byte { return &c.CA }},
	{Kind: "cert", Title: "Provision Client Certification", file: func(c *device.Certificates) *[]byte { return &c.Cert }},
	{Kind: "key", Title: "Provision Private Key", file: func(c *device.Certificates) *[]byte { return &c.Key }},
}

type updateType struct {
	Kind, Title string
	file        func(*device.Certificates) *[]byte
}

func findUpdateType(kind string) (updateType, bool) {
	for _, u := range updateTypes {
		if u.Kind == kind {
			return u, true
		}
	}
	return updateType{}, false
}

// installed is what a phone has of one update type, never the key itself.
type installed struct {
	Kind        string     `json:"kind"`
	Title       string     `json:"title"`
	Installed   bool       `json:"installed"`
	Subject     string     `json:"subject,omitempty"`
	Issuer      string     `json:"issuer,omitempty"`
	Expires     *time.Time `json:"expires,omitempty"`
	Fingerprint string     `json:"fingerprint,omitempty"` // SHA-256 of the certificate
	More        int        `json:"more,omitempty"`        // certificates after the first one
	Key         string     `json:"key,omitempty"`         // the kind of key
	Warning     string     `json:"warning,omitempty"`
}

// Expiry returns the end of the validity.
func (i installed) Expiry() string {
	if i.Expires == nil {
		return ""
	}
	return i.Expires.UTC().Format(time.DateOnly)
}

// describe returns what is installed.
func describe(c *device.Certificates, now time.Time) []installed {
	list := make([]installed, 0, len(updateTypes))
	for _, u := range updateTypes {
		i := installed{Kind: u.Kind, Title: u.Title, Installed: len(*u.file(c)) > 0}
		switch {
		case !i.Installed:
		case u.Kind == "key":
			i.describeKey(c)
		default:
			i.describeChain(*u.file(c), now)
		}
		list = append(list, i)
	}
	return list
}

func (i *installed) describeChain(file []byte, now time.Time) {
	chain, err := web.ParseChain(file)
	if err != nil {
		i.Warning = sentence(err.Error())
		return
	}
	first := chain[0]
	sum := sha256.Sum256(first.Raw)
	i.Subject, i.Issuer, i.Expires, i.More = first.Subject.String(), first.Issuer.String(), &first.NotAfter, len(chain)-1
	i.Fingerprint = strings.ToUpper(strings.ReplaceAll(fmt.Sprintf("% x", sum), " ", ":"))
	i.Warning = outOfDate(chain, now)
}

func (i *installed) describeKey(c *device.Certificates) {
	key, err := web.ParseKey(c.Key, c.Pass)
	if err != nil {
		i.Warning = sentence(err.Error())
		return
	}
	i.Key = kindOfKey(key.Public())
	if len(c.Cert) == 0 {
		i.Warning = "Its certificate is not installed."
	} else if _, err := web.ParseCertificates(&device.Certificates{Cert: c.Cert, Key: c.Key, Pass: c.Pass}); err != nil {
		i.Warning = "It does not belong to the client certificate that is installed."
	}
}

func kindOfKey(public crypto.PublicKey) string {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA, %d bits", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA, " + k.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "of a kind that has no name here"
}

// outOfDate describes the first certificate that is not valid now.
func outOfDate(chain []*x509.Certificate, now time.Time) string {
	for _, c := range chain {
		switch {
		case now.After(c.NotAfter):
			return "Expired on " + c.NotAfter.UTC().Format(time.DateOnly) + "."
		case now.Before(c.NotBefore):
			return "Not valid before " + c.NotBefore.UTC().Format(time.DateOnly) + "."
		}
	}
	return ""
}

// upload checks a file and returns what the phone has with it. It takes a
// certificate that is not valid now, because people test that, and one whose key is
// missing; both come with a warning.
func (u updateType) upload(c device.Certificates, file []byte, pass string, now time.Time) (next device.Certificates, warning string, err error) {
	refuse := func(why error) (device.Certificates, string, error) {
		return c, "", app.BadRequest(fmt.Sprintf("%s is not stored: %v", u.Title, why))
	}
	next = c
	*u.file(&next) = file
	if u.Kind == "key" {
		next.Pass = pass
		if _, err := web.ParseKey(file, pass); err != nil {
			return refuse(err)
		}
		if len(c.Cert) > 0 {
			pair := device.Certificates{Cert: c.Cert, Key: file, Pass: pass}
			if _, err := web.ParseCertificates(&pair); err != nil {
				return refuse(fmt.Errorf("%w. If the certificate is to be replaced as well, upload it first", err))
			}
			return next, "", nil
		}
		return next, "Its certificate is still to be uploaded.", nil
	}
	chain, err := web.ParseChain(file)
	if err != nil {
		return refuse(err)
	}
	warning = outOfDate(chain, now)
	if u.Kind == "cert" && len(c.Key) > 0 {
		if _, err := web.ParseCertificates(&device.Certificates{Cert: file, Key: c.Key, Pass: c.Pass}); err != nil {
			warning = strings.TrimSpace(warning + " The installed key is another one's: upload its own key next.")
		}
	}
	if u.Kind == "ca" && !chain[0].IsCA {
		warning = strings.TrimSpace(warning + " It is not the certificate of an authority.")
	}
	return next, warning, nil
}
