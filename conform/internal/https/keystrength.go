package https

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"

	"provsim/conform/check"
)

var strongKey = check.Check{
	ID:          "https/12",
	Title:       "keys and signatures are strong enough",
	Requirement: "RSA keys have 2048 bits or more, curves 256, and no certificate is signed with MD5 or SHA-1.",
	Source:      "RFC 9325 section 4.5",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.HTTPSServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256, or RSA with rsa_keygen_bits:2048 for old phones"},
	},
	Run: ofChain(func(_ *check.Probe, certs []*x509.Certificate) check.Finding {
		const want = "RSA of 2048 bits or curves of 256, signed with SHA-256 or better"
		for _, cert := range certs {
			switch key := cert.PublicKey.(type) {
			case *rsa.PublicKey:
				if bits := key.N.BitLen(); bits < 2048 {
					return check.Fail(want, "RSA of %d bits", bits)
				}
			case *ecdsa.PublicKey:
				if bits := key.Params().BitSize; bits < 256 {
					return check.Fail(want, "a curve of %d bits", bits)
				}
			}
			switch cert.SignatureAlgorithm {
			case x509.MD5WithRSA, x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1:
				return check.Fail(want, "a signature by %v", cert.SignatureAlgorithm)
			}
		}
		return check.Pass("%v, %v", certs[0].PublicKeyAlgorithm, certs[0].SignatureAlgorithm)
	}),
}
