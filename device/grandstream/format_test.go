package grandstream

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// Binary returns the binary form of settings P1=a&P2=b (GS-FMT-2).
func Binary(mac device.MAC, settings string) string {
	body := []byte("\x00\x00\x00\x00\x00\x00" + string(mac[:]) + headEnd + settings + "&gnkey=0b82")
	if len(body)%2 != 0 {
		body = append(body, 0)
	}
	binary.BigEndian.PutUint32(body, uint32(len(body)/2))
	var sum uint16
	for i := 0; i < len(body); i += 2 {
		sum += binary.BigEndian.Uint16(body[i:])
	}
	binary.BigEndian.PutUint16(body[4:], -sum)
	return string(body)
}

const vector2 = "<gs_provision version=\"1\"><config version=\"1\"><P2>a</P2></config></gs_provision>\n"

// sealed returns vector 2's text, encrypted by openssl with the password s3cret.
func sealed(t testing.TB, args ...string) []byte {
	t.Helper()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("needs the openssl program, Debian package openssl")
	}
	cmd := exec.Command(openssl, append([]string{"enc", "-e", "-aes-256-cbc", "-k", "s3cret"}, args...)...)
	cmd.Stdin = strings.NewReader(vector2)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Vector 1 (GS-FMT-2).
func TestBinary(t *testing.T) {
	first := Binary(device.MAC{0x00, 0x0b, 0x82, 0x01, 0x02, 0x03}, "P2=admin&P212=1&P237=10.0.0.1/gs")
	if got := hex.EncodeToString([]byte(first[:16])); len(first) != 60 || got != "0000001e94f4000b820102030d0a0d0a" || first[59] != 0 {
		t.Errorf("%d bytes, head %s", len(first), got)
	}
	second := Binary(device.MAC{0xc0, 0x74, 0xad, 0x0a, 0x0b, 0x0c}, "P2=x")
	if got := hex.EncodeToString([]byte(second)); got != "0000001013f5c074ad0a0b0c0d0a0d0a50323d7826676e6b65793d3062383200" {
		t.Errorf("the second file is %s", got)
	}
	config, f, err := parse([]byte(first))
	if value, _ := config.Get("P237"); err != nil || value != "10.0.0.1/gs" || config.Len() != 3 || f.mac.String() != "000b82010203" || !f.binary {
		t.Errorf("read %v %+v %v", value, f, err)
	}
	if config, _, err = parse([]byte(Binary(device.MAC{}, "P1=a%26b+c%0A&P2="))); err != nil {
		t.Fatal(err)
	}
	if value, _ := config.Get("P1"); value != "a&b c\n" {
		t.Errorf("a URL-encoded value is %q", value)
	}
	for what, damage := range map[string]func([]byte) []byte{
		"a wrong sum":    func(b []byte) []byte { b[20] ^= 1; return b },
		"a byte less":    func(b []byte) []byte { return b[:len(b)-1] },
		"a word more":    func(b []byte) []byte { return append(b, 0, 0) },
		"a wrong end":    func(b []byte) []byte { b[13] = ' '; return b },
		"only a head":    func(b []byte) []byte { return b[:10] },
		"no NAME=value":  func([]byte) []byte { return []byte(Binary(device.MAC{}, "secret")) },
		"a bad escape":   func([]byte) []byte { return []byte(Binary(device.MAC{}, "P1=%secret")) },
		"flat text":      func([]byte) []byte { return []byte("P1=secret\n") },
		"a web page":     func([]byte) []byte { return []byte("<html><body>secret</body></html>") },
		"a foreign mark": func([]byte) []byte { return []byte("<g><mac>secret</mac><config/></g>") },
	} {
		if _, _, err := parse(damage([]byte(first))); !errors.Is(err, profile.ErrCorrupt) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// GS-FMT-3, GS-FMT-4, GS-FMT-5.
func TestXML(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`<?xml version="1.0"?><gs_provision version="1"><mac>000b82010203</mac><config version="1"><P271>1</P271><P3/><P271>2</P271><x>y</x></config></gs_provision>`, "P271=2 P3= x=y"},
		{`<config version="2"><item name="account.1.sip.userid">201</item><item name="a"><part name="b">c</part><part name="d"/></item></config>`, "account.1.sip.userid=201 a.b=c a.d="},
		{`<gs_provision version="1"><config version="2"><item name="a">b</item><item>c</item></config><other><P1>1</P1></other></gs_provision>`, "a=b"},
	} {
		config, _, err := parse([]byte(c.body))
		if got := strings.ReplaceAll(strings.TrimSpace(string(config.Append(nil))), "\n", " "); err != nil || got != c.want {
			t.Errorf("%s: %q %v, want %q", c.body, got, err, c.want)
		}
	}
}

// Vector 2, and GS-ENC-1, GS-ENC-2 beside openssl.
func TestEncrypted(t *testing.T) {
	vector, err := base64.StdEncoding.DecodeString("U2FsdGVkX18BAgMEBQYHCCeLI5VbNfeqPrNhz84LumwqQLDMwJENecveNg9h/hN/bMh3J63uedpHv3l0LnXOOA9Z2WOe41zKUEqb40CueOObfhUDvX1qGEM28V1yedNq6z9ukvHUNJZZA/q92GewIw==")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what          string
		body          []byte
		password, kdf string
		want          resync.Outcome
	}{
		{"the vector", vector, "s3cret", "", resync.None},
		{"openssl, MD5", sealed(t, "-md", "md5"), "s3cret", "md5", resync.None},
		{"openssl, SHA-256", sealed(t, "-md", "sha256"), "s3cret", "sha256", resync.None},
		{"openssl without a salt", sealed(t, "-md", "md5", "-nosalt"), "s3cret", "", resync.None},
		{"openssl's default", sealed(t, "-md", "sha256"), "s3cret", "", resync.BadKey},
		{"a wrong password", vector, "guess", "", resync.BadKey},
		{"no password", vector, "", "", resync.BadKey},
		{"a plain file", []byte(vector2), "s3cret", "", resync.None},
		{"no salt and a wrong password", sealed(t, "-md", "md5", "-nosalt"), "guess", "", resync.Corrupt},
	} {
		file := opener(c.password, c.kdf)(c.body)
		if value, _ := file.Config.Get("P2"); file.Fault.Outcome != c.want || c.want == resync.None && value != "a" {
			t.Errorf("%s: %v %q, want %v", c.what, file.Fault, value, c.want)
		}
	}
}

// GS-FMT-1.
func TestLint(t *testing.T) {
	for _, c := range []struct{ body, code, says string }{
		{"P1=a\n", "GS-FMT-5", "P1=value"},
		{"<config><P1></config>", "GS-FMT-1", "closed by"},
		{xml1("P212=7"), "GS-SRC-1", "P212: found"},
		{xml1("P237=http://h/"), "GS-SRC-2", "P237 has a scheme"},
		{xml1("P1=1", "P1=2"), "GS-FMT-5", "stands in line 1 already"},
		{"<config><item>1</item></config>", "GS-FMT-4", "has no name"},
		{"<g><mac>000b82010203</mac><config/></g>", "GS-FMT-3", "one phone only"},
		{"Salted__12345678", "GS-ENC-1", "encrypted"},
		{Binary(device.MAC{}, "P237=http://h"), "GS-SRC-2", "P237 has a scheme"},
		{xml1("P237=h/p", "P212=1", "P270=x"), "", ""},
	} {
		found := lint("x", []byte(c.body), Personality.Parameters)
		if c.code == "" && len(found) == 0 {
			continue
		}
		if len(found) != 1 || found[0].Code != c.code || !strings.Contains(found[0].What, c.says) {
			t.Errorf("%.40q: %v, want %s %s", c.body, found, c.code, c.says)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{xml1("P1=1"), vector2, Binary(device.MAC{1}, "P1=a&P2=%20"), "<config><item name='a'><part name='b'>c</part></item></config>", "\x00\x00\x00\x08", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_, form, err := parse(body)
		if err != nil && !errors.Is(err, profile.ErrCorrupt) && !errors.Is(err, profile.ErrEmpty) {
			t.Errorf("the error is %v", err)
		}
		if err == nil && form.binary && len(body)%2 != 0 {
			t.Error("a file of half a word is taken")
		}
		opener("k", "")(body)
		lint("x", body, Personality.Parameters)
	})
}
