package audiocodes

import (
	"crypto/cipher"
	"crypto/des"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"provsim/device"
	"provsim/internal/testing/bench"
	"provsim/profile"
)

// The phone of the vectors (section 12).
var vectorMAC = device.MAC{0x00, 0x90, 0x8f, 0x60, 0x2a, 0xac}

func identity(product string) device.Identity {
	return device.Identity{MAC: vectorMAC, Product: product, Software: delivered(product), Hardware: shipped.Hardware}
}

func newPhone(t testing.TB, settings ...string) *bench.Phone {
	return bench.New(t, &Personality, identity("440HD"), nil, settings...)
}

// AC-ID-2, AC-ID-4, AC-ID-1: who the phones say they are, by generation.
func TestGenerations(t *testing.T) {
	for _, test := range []struct{ product, agent, config string }{
		{"440HD", "AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F602AAC)", "/00908f602aac.cfg"},
		{"430HD", "AUDC-IPPhone-430HD_UC_2.0.13.121/1.0.0000.0", "/00908f602aac.cfg"},
		{"C450HD", "AUDC/3.4.6.604 AUDC-IPPhone-C450HD_UC_3.4.6.604/1", "/00908F602AAC.cfg"},
	} {
		p := bench.New(t, &Personality, identity(test.product), nil).Offer("160=http://h")
		p.Boot()
		if got := p.Asked[0].UserAgent(); got != test.agent {
			t.Errorf("%s: User-Agent %q, want %q", test.product, got, test.agent)
		}
		if got, want := p.Paths(), "/"+test.product+".img "+test.config; got != want {
			t.Errorf("%s asks for %s, want %s", test.product, got, want)
		}
		id := dhcp(identity(test.product))
		if id.Class != test.product || string(id.UserClass) != test.product {
			t.Errorf("%s: option 60 is %q, 77 is %q, want the model", test.product, id.Class, id.UserClass)
		}
	}
	if !Personality.Owns(vectorMAC) {
		t.Error("00:90:8F is not one of the vendor's blocks (AC-ID-1)")
	}
	if generationOf(device.Identity{Product: "C470HD", Software: "UC_3.4.9.1"}) != &uc3 || generationOf(device.Identity{Product: "425HD", Software: "3.5.1.6"}) != &sip2 {
		t.Error("the generation of an unknown model does not follow from its version")
	}
	p := bench.New(t, &Personality, identity("440HD"), device.Quirks{macCase: "upper"}).Offer("160=http://h")
	p.Boot()
	if got := p.Paths(); got != "/440HD.img /00908F602AAC.cfg" {
		t.Errorf("with mac-case=upper the phone asks for %s", got)
	}
}

// AC-URL-1, AC-URL-2, AC-URL-3, AC-URL-5, AC-SRC-2: the vectors of section 12, and what they leave out.
func TestSources(t *testing.T) {
	for _, test := range []struct{ options, want string }{
		{"160=ftp://192.168.2.1", "ftp://192.168.2.1/440HD.img ftp://192.168.2.1/00908f602aac.cfg"},
		{"160=http://h/x.img; <MODEL>_<MAC>_conf.cfg", "http://h/x.img http://h/440HD_00908f602aac_conf.cfg"},
		{"160=https://h/;c.cfg", "https://h/440HD.img https://h/c.cfg"},
		{"160=http://h:81/firmwarefiles;ipp/dhcpoption160.cfg", "http://h:81/firmwarefiles/440HD.img http://h:81/ipp/dhcpoption160.cfg"},
		{"160=http://h/firmwarefiles;ipp/tenant/Nir", "http://h/firmwarefiles/440HD.img http://h/ipp/tenant/Nir/00908f602aac.cfg"},
		{"66=192.168.0.11 67=abc.img;efg.cfg", "tftp://192.168.0.11/abc.img tftp://192.168.0.11/efg.cfg"},
		{"66=http://h/abc.image;efg.cfg 67=z.img;z.cfg", "http://h/abc.image http://h/efg.cfg"},
		{"67=abc.img", ""},
		{"66= 67=abc.img", ""},
		{"66=http://h/d 67=a.img;b.cfg", "http://h/d/a.img http://h/d/b.cfg"},
		{"66=h", "tftp://h/440HD.img tftp://h/00908f602aac.cfg"},
		{"160=HTTP://h/a/B.IMG", "http://h/a/B.IMG http://h/a/00908f602aac.cfg"},
		{"160=http://a 66=http://b 43=http://c", "http://a/440HD.img http://a/00908f602aac.cfg"},
		{"43=http://c/x", "http://c/x/440HD.img http://c/x/00908f602aac.cfg"},
		{"160=http://<model>.example/<mac>/", "http://440HD.example/00908f602aac/440HD.img http://440HD.example/00908f602aac/00908f602aac.cfg"},
		{"160=gopher://h", ""},
		{"160=http://h:99999/", ""},
	} {
		p := newPhone(t)
		var options []string
		for _, o := range strings.Split(strings.ReplaceAll(test.options, "; ", ";_"), " ") {
			options = append(options, strings.ReplaceAll(o, ";_", "; "))
		}
		p.Offer(options...).Boot()
		var got []string
		for _, r := range p.Asked {
			got = append(got, r.URL())
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: it asks for %v, want %s", test.options, got, test.want)
		}
	}
	// Native phones do not read option 43 (AC-ID-2).
	p := bench.New(t, &Personality, identity("C450HD"), nil).Offer("43=http://c/x")
	if p.Boot(); len(p.Asked) > 0 {
		t.Errorf("a C450HD asks for %s by option 43", p.Paths())
	}
	p = bench.New(t, &Personality, identity("440HD"), device.Quirks{cfgBase: "dir"}).Offer("160=http://h/fw;c.cfg")
	if p.Boot(); p.Paths() != "/fw/440HD.img /fw/c.cfg" {
		t.Error("with cfg-base=dir the configuration is not in the firmware's directory (AC-URL-2)")
	}
	p = newPhone(t, optionNumber+"=161").Offer("160=http://a", "161=http://b")
	if p.Boot(); p.Asked[0].Host != "b" {
		t.Errorf("the phone asks %s, want the server of its own option", p.Asked[0].Host)
	}
}

// AC-SRC-1, AC-SRC-2, AC-URL-4: the three methods, and the URL that was learnt.
func TestMethods(t *testing.T) {
	p := newPhone(t, method+"=disable").Offer("160=http://h")
	p.Boot()
	if p.Wait(48 * 3600e9); len(p.Asked) > 0 {
		t.Errorf("with DISABLE the phone asks for %s", p.Paths())
	}
	p = newPhone(t, method+"=Static", configURL+"=http://h/configfiles/", firmwareURL+"=http://h/firmwarefiles/x.img").Offer("160=http://other")
	if p.Boot(); p.Paths() != "/firmwarefiles/x.img /configfiles/00908f602aac.cfg" {
		t.Error("with STATIC the phone does not ask for its two URLs")
	}
	p = newPhone(t).Offer("160=http://h/fw;<MODEL>.cfg")
	p.Files["http://h/440HD.cfg"] = "a/b=1\n"
	p.Boot()
	if got := p.Setting(configLearnt); got != "http://h/<MODEL>.cfg" {
		t.Errorf("the learnt URL is %q", got)
	}
	p.Offer()
	p.Paths()
	p.Wait(27 * 3600e9)
	if got := p.Paths(); !strings.HasPrefix(got, "/fw/440HD.img /440HD.cfg") {
		t.Errorf("without DHCP options the phone asks for %q, want the learnt URLs", got)
	}
}

// AC-PNP-1, AC-PNP-2, AC-SRC-2: SIP PnP is asked where DHCP names nothing, and what it
// names is learnt.
func TestPnP(t *testing.T) {
	p := newPhone(t)
	p.Model().PnP = "127.0.0.1:5060"
	p.Files["pnp://127.0.0.1/00000001"] = " http://h/fw;<MODEL>.cfg "
	p.Files["http://h/440HD.cfg"] = "a/b=1\n"
	p.Boot()
	if r := p.Asked[0]; r.Type != `ua-profile;profile-type="application";model="440HD";version="2.2.8.61"` || r.UserAgent() != "AUDC-IPPhone/2.2.8.61" {
		t.Errorf("SUBSCRIBE has the Event %s of %s", r.Type, r.UserAgent())
	}
	if got := p.Paths(); got != "/00000001 /fw/440HD.img /440HD.cfg" || p.Setting(configLearnt) != "http://h/<MODEL>.cfg" {
		t.Errorf("it asks for %s, and learns %s", got, p.Setting(configLearnt))
	}
	p.Offer("160=http://other")
	p.Tell(device.Input{Kind: device.AskReboot})
	if p.Wait(31e9); strings.Contains(p.Paths(), "00000001") {
		t.Error("the phone asks by PnP although DHCP names a server")
	}
}

// AC-ENC-1: values by the user's own key. Without it they are as written.
func TestEncryptedValues(t *testing.T) {
	key, iv := "000102030405060708090a0b0c0d0e0f1011121314151617", "0001020304050607"
	secrets := device.Secrets{valueKey: key, valueIV: iv}
	for plain, sealed := range map[string]string{"system": `{"Mru8VYV897U="}`, "1234": `{"GI8PLWIk/Cg="}`} {
		if got := openValue(sealed, secrets); got != plain {
			t.Errorf("%s is %q, want %q", sealed, got, plain)
		}
		if got := openValue(sealed, nil); got != sealed {
			t.Errorf("without a key %s is %q", sealed, got)
		}
		block, _ := des.NewTripleDESCipher(must(t, key))
		text := make([]byte, (len(plain)+7)/8*8)
		copy(text, plain)
		cipher.NewCBCEncrypter(block, must(t, iv)).CryptBlocks(text, text)
		if got := `{"` + base64.StdEncoding.EncodeToString(text) + `"}`; got != sealed {
			t.Errorf("%s is written %s, want %s", plain, got, sealed)
		}
	}
	if s := secrets.String(); strings.Contains(s, "00") {
		t.Errorf("secrets are shown as %s", s)
	}
}

func must(t *testing.T, digits string) []byte {
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// AC-ENC-2: the vector of a .cfx file.
func TestSealedFile(t *testing.T) {
	body, err := base64.StdEncoding.DecodeString("UmXH64NRmgbmUTa527bVAyB7bktXKGddbFnTfk7VXBfmyMNj4VHizZLtyQCZ7bSu")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ secret, outcome, method string }{
		{"secret", "applied", "STATIC"}, {"", "bad-key", ""}, {"wrong", "bad-key", ""},
	} {
		p := newPhone(t).Offer("160=http://h/;x.cfx")
		if test.secret != "" {
			p.Model().Secrets = device.Secrets{fileSecret: test.secret}
		}
		p.Files["http://h/x.cfx"] = string(body)
		p.Boot()
		p.Wait(0)
		if got := p.Outcome(); got != test.outcome {
			t.Errorf("secret %q: %s, want %s", test.secret, got, test.outcome)
		}
		if test.method != "" && p.Setting(method) != test.method {
			t.Errorf("secret %q: method is %s", test.secret, p.Setting(method))
		}
		if log := strings.Join(p.Log, "\n"); test.secret != "" && strings.Contains(log, " "+test.secret) {
			t.Errorf("the journal shows a secret:\n%s", log)
		}
	}
}

// AC-FW-1: the sum of a real image's head, and images of our own.
func TestImageHead(t *testing.T) {
	b := make([]byte, headSize)
	b[16] = 5
	copy(b[modelAt:], "420HD")
	copy(b[versionAt:], "2.2.16.704")
	copy(b[dateAt:], "2024-10-09_06:15:40")
	if got := sum(b[16:]); got != 1798 {
		t.Errorf("the sum is %d, want 1798", got)
	}
	whole := makeImage("440HD", "2.2.9.1", []byte("firmware"))
	i, err := readHead(whole)
	if err != nil || i != (image{"440HD", "2.2.9.1"}) || checkSections(whole) != nil {
		t.Errorf("our own image reads as %v, error %v, %v", i, err, checkSections(whole))
	}
	for name, damage := range map[string]func([]byte) []byte{
		"cut off":           func(b []byte) []byte { return b[:len(b)-8] },
		"a damaged byte":    func(b []byte) []byte { b[len(b)-1]++; return b },
		"no second head":    func(b []byte) []byte { b[headSize] = 0; return b },
		"only its head":     func(b []byte) []byte { return b[:headSize] },
		"a section missing": func(b []byte) []byte { b[16]++; b[12]++; return b },
	} {
		if err := checkSections(damage([]byte(string(whole)))); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Lint cites the rule of each finding.
func TestLint(t *testing.T) {
	known := profile.NewTable(parameters)
	found := lint("x.cfg", []byte("provisioning/method=Statik\nno line\nprovisioning/metod=STATIC\nsystem/type=440HD ; c\nsystem/type=420HD\ninclude y.cfg\nems_server/user_password={\"VvlZOp5/5pM=\"}\n"), known)
	var got []string
	for _, f := range found {
		got = append(got, f.Code)
	}
	if want := "AC-CFG-1 AC-SRC-1 AC-CFG-3 AC-CFG-2"; strings.Join(got, " ") != want {
		t.Errorf("findings of %v, want %s", got, want)
	}
	if found := lint("x.cfg", []byte("; nothing\n"), known); len(found) == 0 || found[0].Code != "AC-CFG-5" {
		t.Errorf("a file without a setting: %v", found)
	}
}
