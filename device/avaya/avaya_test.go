package avaya

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/testing/bench"
	"provsim/profile"
	"provsim/resync"
)

// The phone of the vectors.
var vectorMAC = device.MAC{0xc8, 0x1f, 0xea, 0x83, 0xe8, 0x5a}

func newPhone(t testing.TB, product string, quirks device.Quirks, settings ...string) *bench.Phone {
	t.Helper()
	return bench.New(t, &Personality, device.Identity{MAC: vectorMAC, Product: product, Software: generationOf(product).software, Serial: Personality.Serial(vectorMAC)}, quirks, settings...)
}

const server = "http://192.168.42.1/"

// leases a server to a phone that has these files there.
func with(p *bench.Phone, files map[string]string) *bench.Phone {
	for name, text := range files {
		p.Files[server+name] = text
	}
	return p.Offer(fmt.Sprintf("%d=HTTPSRVR=192.168.42.1", generationOf(p.Product().Name).sson))
}

const (
	vectorUpgrade  = "GET 46xxsettings.txt\nSET LATE 1\n"
	vectorSettings = "SET SIPDOMAIN \"example.com\"\nIF $MODEL4 SEQ J179 GOTO J179\nSET WRONG 1\nGOTO END\n# J179\nSET COUNTRY USA\n" +
		"IF $VPNACTIVE SEQ 1 GOTO NOWHERE\nIF J179 SEQ $MODEL4 GOTO END\nSET WRONG2 1\n# END\nGET $MACADDR.txt\nSET AFTER 1\n"
	vectorMine = "SET FORCE_SIP_EXTENSION 201\nGOTO NOWHERE\nSET WRONG3 1\n"
)

// settings returns the names of all stored settings.
func settings(p *bench.Phone) string {
	var names []string
	for name := range p.Stored().Config.All() {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// The vectors: conditions, jumps and files that take each other's place (AV-LANG-2 to
// AV-LANG-5, AV-LANG-7), in three requests each time (AV-FILE-2, AV-FILE-3, AV-FILE-4).
func TestVectors(t *testing.T) {
	for own, want := range map[bool]string{true: "COUNTRY FORCE_SIP_EXTENSION SIPDOMAIN", false: "AFTER COUNTRY SIPDOMAIN"} {
		files := map[string]string{"J100Supgrade.txt": vectorUpgrade, "46xxsettings.txt": vectorSettings}
		if own {
			files["c81fea83e85a.txt"] = vectorMine
		}
		p := with(newPhone(t, "J179", nil), files)
		p.Boot()
		if got := settings(p); got != want || p.Outcome() != "applied" {
			t.Errorf("own file %v: %s, settings %q, want %q", own, p.Outcome(), got, want)
		}
		for _, r := range p.Asked { // AV-OUT-1
			if r.Method != device.Read {
				t.Errorf("own file %v: the phone uploads by %v to %s", own, r.Method, r.URL())
			}
		}
		if got := p.Paths(); got != "/J100Supgrade.txt /46xxsettings.txt /c81fea83e85a.txt" {
			t.Errorf("own file %v: asked for %s", own, got)
		}
	}
	const group = "IF $GROUP SEQ Sales GOTO S\nSET A 1\n# S\nSET B 2\nGOTO S\nSET C 3\n"
	for _, c := range []struct {
		product, quirk, want string
	}{
		{"4610", "", "B GROUP"}, {"J179", "", "A B GROUP"}, {"9611G", "", "A B GROUP"}, // AV-LANG-6
		{"4610", "exact", "A B GROUP"}, {"J179", "any", "B GROUP"},
	} {
		p := with(newPhone(t, c.product, device.Quirks{seqCase: c.quirk}, "GROUP=SALES"), map[string]string{generationOf(c.product).upgrade: group})
		if p.Boot(); settings(p) != c.want {
			t.Errorf("%s with seq-case=%s: settings %q, want %q", c.product, c.quirk, settings(p), c.want)
		}
	}
}

// Lines of the language, each by what it sets (AV-LANG-1 to AV-LANG-5, AV-LANG-8); tags
// and comments are AV-LANG-3.
func TestLines(t *testing.T) {
	for text, want := range map[string]string{
		"set country Spain":                     "COUNTRY=Spain",
		"SET A \"x y\" and more":                "A=x y",
		"SET A \"\"":                            "A=",
		"SET A x y":                             "A=x y",
		"SET A":                                 "",
		"SET A \"x":                             "",
		"SET A-B 1":                             "",
		"SET " + strings.Repeat("A", 31) + " 1": "",
		"SET A " + strings.Repeat("x", 256):     "",
		"SET HTTPPORT 99999":                    "",
		"SET A 1\r\nSET A 2\r\n":                "A=2",
		"## SET A 1":                            "",
		"#SET A 1":                              "",
		"# END\nSET A 1":                        "A=1",
		"GOTO X\nSET A 1\n# X\nSET B 1":         "B=1",
		"GOTO X\nSET A 1\n#  X\n# X Y\n#X\nSET B 1":         "",
		"GOTO x\nSET A 1\n# X\nSET B 1":                     "", // tags are exact
		"# X\nSET A 1\nGOTO X\nSET B 1":                     "A=1",
		"goto X\nSET A 1\n# X\nSET B 1":                     "B=1",
		"IF $MODEL4 SEQ J179 GOTO X\nSET A 1\n# X":          "",
		"IF J179 SEQ $MODEL4 GOTO X\nSET A 1\n# X":          "",
		"IF $MODEL SEQ J17 GOTO X\nSET A 1\n# X":            "A=1",
		"IF $MACADDR SEQ c81fea83e85a GOTO X\nSET A 1\n# X": "",
		"IF $NOTHING SEQ 1 GOTO X\nSET A 1\n# X":            "A=1",
		"IF $MODEL4 SEQ J179 GOTO":                          "",
		"IF MODEL4 SEQ J179 GOTO X\nSET A 1\n# X":           "A=1",
	} {
		p := with(newPhone(t, "J179", nil), map[string]string{"J100Supgrade.txt": "# START\n" + text})
		p.Boot()
		var got []string
		for name, value := range p.Stored().Config.All() {
			got = append(got, name+"="+value)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%.60q sets %.80q, want %q", text, got, want)
		}
	}
	p := with(newPhone(t, "9611G", nil), map[string]string{"96x1Supgrade.txt": "IF J179 SEQ $MODEL4 GOTO X\nIF $SIG_IN_USE SEQ SIP GOTO Y\nSET A 1\n# Y\nSET B 1\n# X"})
	if p.Boot(); settings(p) != "B" {
		t.Errorf("a 96x1 phone has %q", settings(p))
	}
	p = with(newPhone(t, "J179", nil), map[string]string{"J100Supgrade.txt": "SET A 1\nnonsense s3cret\n"})
	if p.Boot(); !p.Said("warn (line 2: found no SET") || strings.Contains(strings.Join(p.Log, "\n"), "s3cret") {
		t.Errorf("the journal says %q", p.Log)
	}
}

// A web page (AV-LANG-8) or a 401 (AV-HTTP-3) in place of a file counts as a missing file. A missing upgrade file
// ends the start, and stored settings stay (AV-FILE-4).
func TestNoUpgradeFile(t *testing.T) {
	for body, want := range map[string]string{"<html><body>Not here</body></html>": "corrupt", "not-found": "not-found", "unauthorized": "unauthorized"} {
		p := with(newPhone(t, "J179", nil, "SIPDOMAIN=old.example"), map[string]string{"J100Supgrade.txt": body, "46xxsettings.txt": "SET A 1\n"})
		p.Boot()
		if got := p.Paths(); p.Outcome() != want || got != "/J100Supgrade.txt" || p.Setting("SIPDOMAIN") != "old.example" {
			t.Errorf("%s: %s, asked for %s, settings %s", want, p.Outcome(), got, settings(p))
		}
		if p.Wait(24 * time.Hour); len(p.Asked) > 0 { // AV-TIME-5
			t.Errorf("%s: after a failed start the phone asks for %s", want, p.Paths())
		}
	}
}

// GET is bounded: by names, by the number of files, and a file that names itself ends
// (AV-FILE-5, AV-LANG-7).
func TestGetIsBounded(t *testing.T) {
	p := with(newPhone(t, "J179", nil), map[string]string{"J100Supgrade.txt": "SET A 1\nGET J100Supgrade.txt\n"})
	p.Boot()
	if n := len(p.Asked); n != 16 || p.Outcome() != "applied" {
		t.Errorf("a file that names itself is asked for %d times, %s", n, p.Outcome())
	}
	var many strings.Builder
	for i := range 40 {
		fmt.Fprintf(&many, "GET missing%d.txt\n", i)
	}
	p = with(newPhone(t, "J179", nil), map[string]string{"J100Supgrade.txt": many.String() + "SET A 1\n"})
	if p.Boot(); len(p.Asked) != 16 || p.Setting("A") != "1" {
		t.Errorf("forty missing files are %d requests, A is %s", len(p.Asked), p.Setting("A"))
	}
	p = with(newPhone(t, "J179", nil), map[string]string{"J100Supgrade.txt": "GET ../secret\nGET a/b\nGET " + strings.Repeat("x", 51) + "\nGET http://h/x\nGET $MODEL4-$SERIALNO.txt\nSET A 1\n"})
	p.Boot()
	if got := p.Paths(); got != "/J100Supgrade.txt /J179-C81FEA83E85A.txt" {
		t.Errorf("asked for %s", got)
	}
}

// A long file of jumps, and a line of a mebibyte, are read in time (AV-LANG-4).
func TestHostileFiles(t *testing.T) {
	for name, text := range map[string]string{
		"jumps":      strings.Repeat("# X\nGOTO X\n", 100_000),
		"conditions": strings.Repeat("IF $MODEL4 SEQ none GOTO X\n", 50_000) + "# X\n",
		"long line":  "SET A 1\nSET B " + strings.Repeat("x", 1<<20) + "\n",
		"no ends":    strings.Repeat("\x00", 1<<20) + "\nSET A 1",
	} {
		p := with(newPhone(t, "J179", nil), map[string]string{"J100Supgrade.txt": text})
		if p.Boot(); p.Outcome() != "applied" && p.Outcome() != "unchanged" {
			t.Errorf("%s: %s", name, p.Outcome())
		}
	}
}

// Who the phones say they are, in HTTP and DHCP, and what they ask for first
// (AV-ID-1 to AV-ID-3, AV-FILE-1).
func TestGenerations(t *testing.T) {
	for _, c := range []struct {
		product, agent, file string
		quirks               device.Quirks
		sson                 uint8
	}{
		{"J179", "Mozilla/4.0 (compatible; MSIE 6.0) AVAYA/J179-4.1.3.0.6 (MAC:c81fea83e85a)", "/J100Supgrade.txt", nil, 242},
		{"9611G", "AVAYA/96x1-IPT-SIP-R7_1_8_0_9 9611G", "/96x1Supgrade.txt", nil, 242},
		{"9611G", "AVAYA/96x1-IPT-SIP-R7_1_8_0_9 9611G", "/96x1Hupgrade.txt", device.Quirks{signalling: "h323"}, 242},
		{"4610", "AVAYA/46xx-2.9.2 4610", "/46xxupgrade.scr", nil, 176},
	} {
		p := with(newPhone(t, c.product, c.quirks), nil)
		p.Boot()
		if got := p.Asked[0].UserAgent(); got != c.agent || p.Asked[0].Path != c.file {
			t.Errorf("%s: User-Agent %q, asks for %s", c.product, got, p.Asked[0].Path)
		}
		if mac := vectorMAC.String(); c.product == "9611G" && (strings.Contains(p.Asked[0].URL(), mac) || strings.Contains(strings.ToLower(c.agent), mac)) { // AV-ID-4
			t.Errorf("%s: a request shows the address: %s, %s", c.product, p.Asked[0].URL(), c.agent)
		}
		if got := p.Asked[0].HTTP11; got != (c.file == "/96x1Supgrade.txt") { // AV-HTTP-2
			t.Errorf("%s %v: an answer of HTTP/1.0 is refused: %v", c.product, c.quirks, got)
		}
		says := dhcp(p.Identity())
		if says.Class != "ccp.avaya.com" || says.Host != "AVX83E85A" || says.MaxSize != 1500 || !slices.Equal(says.Ask, []uint8{1, 3, 6, 7, 15, 26, 42, 43, 51, 58, 59, c.sson}) {
			t.Errorf("%s says %+v to DHCP servers", c.product, says)
		}
	}
	if says := dhcp(device.Identity{MAC: device.MAC{0x00, 0x1b, 0x4f, 1, 2, 0xab}, Product: "J179"}); says.Host != "AVB0102AB" {
		t.Errorf("the host name is %s", says.Host)
	}
	if !slices.Contains(Personality.Headers, "Accept: */*") { // AV-HTTP-1
		t.Error("requests have no Accept")
	}
}

// What a lease says: pairs of names and values (AV-DHCP-4, AV-DHCP-5), vendor options
// of Avaya alone (AV-DHCP-6), the text option last (AV-DHCP-3), directories and their
// macros (AV-SRC-3), and nothing of other
// vendors' options (AV-DHCP-7).
func TestLeases(t *testing.T) {
	vector := hex.EncodeToString([]byte("\x01\x046889\x02\x0c192.168.42.1\x04\x048080"))
	if vector != "010436383839020c3139322e3136382e34322e31040438303830" {
		t.Fatalf("the vector is %s", vector)
	}
	long := "242=HTTPSRVR=a" + strings.Repeat(" ", 240) + ",HTTPDIR=b"
	for _, c := range []struct {
		product string
		options []string
		want    string // the first URL; "" for none
	}{
		{"J179", []string{"242=HTTPSRVR=192.168.42.1,HTTPPORT=80,L2Q=2"}, "http://192.168.42.1/J100Supgrade.txt"},
		{"J179", []string{"242=httpsrvr=192.168.42.1, HttpPort=8080 ,HTTPDIR=/a/b/"}, "http://192.168.42.1:8080/a/b/J100Supgrade.txt"},
		{"J179", []string{"242=HTTPSRVR=192.168.42.1,HTTPPORT=0,HTTPDIR=a b,nonsense,=x"}, "http://192.168.42.1/J100Supgrade.txt"},
		{"J179", []string{`242=HTTPSRVR="192.168.42.1,192.168.42.2",HTTPDIR=$MODEL4/$MACADDR`}, "http://192.168.42.1/J179/c81fea83e85a/J100Supgrade.txt"},
		{"9611G", []string{"242=HTTPSRVR=h,HTTPDIR=$MODEL4"}, "http://h/$MODEL4/96x1Supgrade.txt"},
		{"J179", []string{"242=TLSSRVR=h,HTTPSRVR=other"}, "https://h/J100Supgrade.txt"},
		{"J179", []string{"242=TLSSRVR=h,TLSPORT=8443,TLSDIR=x"}, "https://h:8443/x/J100Supgrade.txt"},
		{"J179", []string{"242=SIPDOMAIN=x"}, ""},
		{"J179", []string{"242=TFTPSRVR=h"}, ""},
		{"J179", []string{long}, "http://a/J100Supgrade.txt"},
		{"J179", []string{"43=0x" + vector}, "http://192.168.42.1:8080/J100Supgrade.txt"},
		{"J179", []string{"43=0x" + "02" + vector[2:]}, ""},
		{"J179", []string{"43=0x" + vector[:2] + "0436383838" + vector[12:]}, ""},
		{"J179", []string{"43=0x" + vector[:len(vector)-2]}, "http://192.168.42.1/J100Supgrade.txt"},
		{"J179", []string{"43=0x" + vector, "242=HTTPSRVR=h"}, "http://h:8080/J100Supgrade.txt"},
		{"J179", []string{"176=HTTPSRVR=h", "66=h", "150=0x0a000001", "160=http://h/"}, ""},
		{"4610", []string{"176=HTTPSRVR=h", "242=HTTPSRVR=other"}, "http://h/46xxupgrade.scr"},
		{"4610", []string{"176=TFTPSRVR=h,TFTPDIR=d"}, "tftp://h/d/46xxupgrade.scr"},
		{"4610", []string{"242=HTTPSRVR=h"}, ""},
		{"J179", []string{"242=HTTPSRVR=0.0.0.0"}, ""},
		{"J179", []string{"43=0x01", "242=\x00,,,=,"}, ""},
	} {
		p := newPhone(t, c.product, nil).Offer(c.options...)
		p.Boot()
		got := ""
		if len(p.Asked) > 0 {
			got = p.Asked[0].URL()
		}
		if got != c.want || got == "" && p.Outcome() != "no-server" { // AV-SRC-4
			t.Errorf("%s, %q: asks for %q, %s, want %q", c.product, c.options, got, p.Outcome(), c.want)
		}
	}
	p := newPhone(t, "9611G", device.Quirks{signalling: "h323"}).Offer("242=TLSSRVR=h")
	if p.Boot(); p.Asked[0].URL() != "https://h:411/96x1Hupgrade.txt" {
		t.Errorf("H.323 asks for %s", p.Asked[0].URL())
	}
}

// Servers are asked in order, each three times more where it does not answer (AV-SRC-1,
// AV-HTTP-4); a certificate that is not trusted leads on to http (AV-TLS-1); all files
// come from the server that gave the upgrade file (AV-SRC-2).
func TestServers(t *testing.T) {
	p := newPhone(t, "J179", nil).Offer(`242=TLSSRVR=t,HTTPSRVR="a,b,c"`)
	p.Files = map[string]string{
		"https://t/J100Supgrade.txt": "tls-untrusted", "http://a/J100Supgrade.txt": "timeout", "http://b/J100Supgrade.txt": "GET 46xxsettings.txt",
		"http://b/46xxsettings.txt": "SET A 1", "http://c/46xxsettings.txt": "SET B 1",
	}
	p.Boot()
	p.Wait(time.Minute)
	var urls []string
	for _, r := range p.Asked {
		urls = append(urls, r.Scheme+"://"+r.Host)
	}
	if got := strings.Join(urls, " "); got != "https://t http://a http://a http://a http://a http://b http://b" || settings(p) != "A" {
		t.Errorf("asked %s, settings %s", got, settings(p))
	}
	p = newPhone(t, "J179", nil).Offer("242=HTTPSRVR=a")
	p.Files["http://a/J100Supgrade.txt"] = "http-status" // 503
	p.Boot()
	for _, wait := range []time.Duration{5, 10, 20} {
		before := len(p.Asked)
		p.Wait(wait*time.Second - 1)
		early := len(p.Asked)
		p.Wait(1)
		if early != before || len(p.Asked) != before+1 {
			t.Errorf("after %d s there are %d requests more, and %d a moment before", wait, len(p.Asked)-before, early-before)
		}
	}
	if p.Wait(time.Hour); p.Outcome() != "http-status" || len(p.Asked) != 4 {
		t.Errorf("%s after %d requests", p.Outcome(), len(p.Asked))
	}
}

// Settings of files replace those of the files before (AV-APP-1), and what was typed on
// the phone stays above them, as they stay above the lease (AV-APP-2).
func TestApplying(t *testing.T) {
	p := with(newPhone(t, "J179", nil, "COUNTRY=Spain"), map[string]string{"J100Supgrade.txt": "GET 46xxsettings.txt", "46xxsettings.txt": "SET COUNTRY USA\nSET A 1\nSET B 1\n"})
	p.Boot()
	if settings(p) != "A B COUNTRY" || p.Setting("COUNTRY") != "Spain" {
		t.Errorf("settings %s, COUNTRY %s", settings(p), p.Setting("COUNTRY"))
	}
	if p.Said("reboot") { // AV-APP-3
		t.Error("changed settings at a start reboot the phone")
	}
	p.Files[server+"46xxsettings.txt"] = "SET B 1\nSET HTTPSRVR other\n"
	p.Tell(device.Input{Kind: device.AskReboot})
	p.Wait(time.Minute)
	if settings(p) != "B COUNTRY HTTPSRVR" || p.Outcome() != "applied" {
		t.Errorf("settings %s, %s", settings(p), p.Outcome())
	}
	p.Asked = nil
	p.Files["http://other/J100Supgrade.txt"] = "GET 46xxsettings.txt"
	p.Files["http://other/46xxsettings.txt"] = "SET B 1\nSET HTTPSRVR other\n"
	p.Tell(device.Input{Kind: device.AskReboot})
	if p.Wait(time.Minute); len(p.Asked) == 0 || p.Asked[0].Host != "other" || p.Outcome() != "unchanged" {
		t.Errorf("a server from a file is not above the lease: %s, %s", p.Outcome(), p.Paths())
	}
	for quirk, want := range map[bool]string{false: "applied ", true: "not-found B COUNTRY HTTPSRVR"} {
		p = with(newPhone(t, "J179", device.Quirks{keepSettings: map[bool]string{true: "on"}[quirk]}), map[string]string{"J100Supgrade.txt": "GET 46xxsettings.txt", "46xxsettings.txt": "SET A 1\n"})
		p.Boot()
		p.Files = map[string]string{server + "J100Supgrade.txt": "GET 46xxsettings.txt"}
		p.Tell(device.Input{Kind: device.AskReboot})
		p.Wait(time.Minute)
		if quirk {
			want = "not-found A"
		}
		if got := p.Outcome() + " " + settings(p); got != want || !quirk && !p.Said("warn (46xxsettings.txt was not obtained (not-found)") {
			t.Errorf("keep-settings %v: %q, want %q, %q", quirk, got, want, p.Log)
		}
	}
}

// A poll asks for all files anew; what has changed then reboots the phone, and equal
// text does not (AV-APP-3, AV-TIME-2, AV-FILE-2).
func TestPoll(t *testing.T) {
	p := with(newPhone(t, "9611G", nil), map[string]string{"96x1Supgrade.txt": "GET 46xxsettings.txt", "46xxsettings.txt": "SET DLOAD_RND 0\nSET UPGRADE_POLLING_PERIOD 30\n"})
	p.Boot()
	p.Paths()
	p.Wait(30 * time.Minute)
	if got := p.Paths(); got != "/96x1Supgrade.txt /46xxsettings.txt" || p.Outcome() != "unchanged" {
		t.Errorf("a poll asks for %s, %s", got, p.Outcome())
	}
	p.Files[server+"46xxsettings.txt"] += "SET A 1\n"
	if p.Wait(31 * time.Minute); !p.Said("reboot") || p.Setting("A") != "1" || p.Outcome() != "unchanged" {
		t.Errorf("after a change: %s, A %s, %q", p.Outcome(), p.Setting("A"), p.Log)
	}
	for policy, want := range map[string]string{"0": "/96x1Supgrade.txt", "1": " /96x1Supgrade.txt", "2": "/96x1Supgrade.txt /96x1Supgrade.txt"} {
		p := with(newPhone(t, "9611G", nil, "UPGRADE_POLICY="+policy, "DLOAD_RND=0"), map[string]string{"96x1Supgrade.txt": "SET A 1"})
		p.Boot()
		begin := p.Paths()
		p.Wait(61 * time.Minute)
		if got := strings.TrimRight(begin+" "+p.Paths(), " "); got != want {
			t.Errorf("policy %s asks for %q, want %q", policy, got, want)
		}
	}
	spread := map[time.Duration]bool{}
	for i := range byte(8) { // AV-TIME-1, AV-TIME-2
		id := device.Identity{MAC: device.MAC{0, 4, 13, 0, 0, i}, Product: "9611G"}
		p := with(bench.New(t, &Personality, id, nil, "DLOAD_RND_AFTER_RESET=100"), nil)
		p.Boot()
		spread[p.Deadline()] = true
		if p.Deadline() > 101*time.Second+p.Now {
			t.Errorf("a start is due after %v", p.Deadline())
		}
	}
	if len(spread) < 6 {
		t.Errorf("eight starts are due at %v", spread)
	}
}

// Phones of J100 poll in a window of hours, on days of the week (AV-TIME-3).
func TestWindow(t *testing.T) {
	for _, c := range []struct {
		settings    []string
		first, last time.Duration // after midnight
	}{
		{[]string{"AUTOMATIC_UPDATE_POLICY=1"}, 2 * time.Hour, 4 * time.Hour},
		{[]string{"AUTOMATIC_UPDATE_POLICY=1", "AUTOMATIC_UPDATE_WINDOW=22,3"}, 22 * time.Hour, 27 * time.Hour},
		{[]string{"AUTOMATIC_UPDATE_POLICY=1", "AUTOMATIC_UPDATE_WINDOW=0,0"}, 0, 48 * time.Hour},
		{[]string{"AUTOMATIC_UPDATE_POLICY=1", "AUTOMATIC_UPDATE_WINDOW=x"}, 2 * time.Hour, 4 * time.Hour},
		{[]string{"AUTOMATIC_UPDATE_POLICY=2", "AUTOMATIC_UPDATE_DAYS=6"}, 2*time.Hour + 48*time.Hour, 4*time.Hour + 48*time.Hour}, // 1970-01-01 was a Thursday
	} {
		p := with(newPhone(t, "J179", nil, c.settings...), map[string]string{"J100Supgrade.txt": "SET A 1"})
		p.Boot()
		if due := p.Deadline(); due < c.first || due > c.last {
			t.Errorf("%v: a poll is due at %v, want %v to %v", c.settings, due, c.first, c.last)
		}
	}
	p := with(newPhone(t, "J179", nil), map[string]string{"J100Supgrade.txt": "SET A 1"})
	if p.Boot(); p.Deadline() != resync.Never {
		t.Errorf("without a policy a poll is due at %v", p.Deadline())
	}
	monthly := with(newPhone(t, "J179", nil, "AUTOMATIC_UPDATE_POLICY=3", "AUTOMATIC_UPDATE_DAYS=4"), map[string]string{"J100Supgrade.txt": "SET A 1"})
	if monthly.Boot(); monthly.Deadline() < 27*24*time.Hour || monthly.Deadline() > 36*24*time.Hour {
		t.Errorf("a monthly poll is due after %v", monthly.Deadline())
	}
}

// A NOTIFY reboots the phone where a setting says so, and has no effect else
// (AV-TIME-4).
func TestNotify(t *testing.T) {
	for on, want := range map[string]bool{"0": false, "1": true} {
		p := with(newPhone(t, "J179", nil, "ENABLE_OOD_RESET_NOTIFY="+on), map[string]string{"J100Supgrade.txt": "SET A 1"})
		p.Boot()
		p.Paths()
		kind, ok := Personality.Notify(profile.Config{}, "check-sync")
		if !ok {
			t.Fatal("check-sync is no event")
		}
		p.Tell(device.Input{Kind: kind, Cause: resync.Notify})
		p.Wait(time.Minute)
		if got := p.Paths(); p.Said("reboot") != want || want != (got == "/J100Supgrade.txt") {
			t.Errorf("with %s: reboot %v, asked for %q, %q", on, p.Said("reboot"), got, p.Log)
		}
	}
}

// Firmware that the upgrade file names is installed before the settings are asked for,
// unless it runs already (AV-FW-1).
func TestFirmware(t *testing.T) {
	image := string(Personality.Image("J179", "4.2.0.0", []byte("x")))
	p := with(newPhone(t, "J179", nil), map[string]string{
		"J100Supgrade.txt": "SET APPNAME FW_S_J179_R4_2_0_0.bin\nGET 46xxsettings.txt\n", "46xxsettings.txt": "SET A 1\n", "FW_S_J179_R4_2_0_0.bin": image,
	})
	p.Boot()
	p.Wait(time.Minute)
	if got := p.Paths(); got != "/J100Supgrade.txt /FW_S_J179_R4_2_0_0.bin /J100Supgrade.txt /46xxsettings.txt" || p.Software() != "4.2.0.0" || p.Setting("A") != "1" {
		t.Errorf("asked for %s, version %s, settings %s", got, p.Software(), settings(p))
	}
	for _, body := range []string{"not-found", "no image", string(Personality.Image("J189", "4.2.0.0", nil))} {
		p = with(newPhone(t, "J179", nil), map[string]string{"J100Supgrade.txt": "SET APPNAME new.bin\nGET 46xxsettings.txt\n", "46xxsettings.txt": "SET A 1\n", "new.bin": body})
		if p.Boot(); p.Software() != "4.1.3.0.6" || p.Setting("A") != "1" || !p.Said("warn (firmware new.bin was not installed") {
			t.Errorf("%.10q: version %s, settings %s, %q", body, p.Software(), settings(p), p.Log)
		}
	}
	p = with(newPhone(t, "J179", nil), map[string]string{"J100Supgrade.txt": "SET APPNAME FW_S_J179_R4_1_3_0_6.bin\n"})
	if p.Boot(); p.Paths() != "/J100Supgrade.txt" {
		t.Error("the firmware that runs is asked for")
	}
}

// An answer of --server stands above all else.
func TestServerShorthand(t *testing.T) {
	for url, want := range map[string]string{
		"http://h:8080/a/b/": "http://h:8080/a/b/J100Supgrade.txt", "https://h/x": "https://h/x/J100Supgrade.txt", "192.0.2.1": "http://192.0.2.1/J100Supgrade.txt",
	} {
		set, _, ok := Personality.Expand("server", url)
		var given []string
		for _, s := range set {
			given = append(given, s.Name+"="+s.Value)
		}
		p := newPhone(t, "J179", nil, given...).Offer("242=HTTPSRVR=other,TLSSRVR=other,HTTPDIR=other")
		if p.Boot(); !ok || len(p.Asked) == 0 || p.Asked[0].URL() != want {
			t.Errorf("--server %s asks for %s, want %s", url, p.Paths(), want)
		}
	}
}

// What is wrong with a file of a person is named (AV-LANG-2 to -8, AV-FILE-5).
func TestLint(t *testing.T) {
	text := "SET HTTPPORT x\nSET A 1\nSET A 2\nnonsense\nGET a/b\nGOTO NOWHERE\nIF $XYZ SEQ 1 GOTO END\nSET HTTPPORT y\n# END\nGET $MACADDR.txt\n"
	var got []string
	for _, f := range Personality.Lint("f", []byte(text), table) {
		got = append(got, fmt.Sprintf("%d %s", f.Line, f.Code))
	}
	want := []string{"1 AV-SRC-1", "3 AV-LANG-2", "4 AV-LANG-8", "5 AV-FILE-5", "6 AV-LANG-4", "7 AV-LANG-5", "8 AV-SRC-1"}
	if !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if got := Personality.Lint("f", []byte("<html>"), table); len(got) != 1 || got[0].Severity != profile.Error {
		t.Errorf("a web page has %v", got)
	}
	if got := Personality.Lint("f", []byte(vectorSettings), table); len(got) != 1 || got[0].Code != "AV-LANG-4" {
		t.Errorf("the vector has %v", got)
	}
}

// Any file and any options of a lease end in an outcome, with a bounded number of
// requests.
func FuzzScript(f *testing.F) {
	f.Add([]byte(vectorUpgrade), []byte(vectorSettings), "HTTPSRVR=h", []byte("\x01\x046889\x02\x01h"))
	f.Add([]byte("SET APPNAME x.bin\nGET a\nGET b\nIF $GROUP SEQ 0 GOTO X\n# X\nGET a"), []byte("GET a"), `HTTPSRVR="h,i",TLSSRVR=t`, []byte{1})
	f.Fuzz(func(t *testing.T, upgrade, second []byte, sson string, vendor []byte) {
		options := map[uint8][]byte{242: []byte(sson), 43: vendor}
		p := newPhone(t, "J179", nil)
		p.Lease.Offer = device.NewOffer(options)
		p.Files = map[string]string{}
		for _, base := range []string{"http://h/", "https://t/", "http://i/"} {
			p.Files[base+"J100Supgrade.txt"], p.Files[base+"46xxsettings.txt"], p.Files[base+"a"] = string(upgrade), string(second), string(second)
		}
		p.Boot()
		p.Wait(time.Hour)
		if p.Outcome() == "" {
			t.Errorf("no outcome: %q", p.Log)
		}
		hosts := map[string]int{}
		for _, r := range p.Asked {
			hosts[r.Host]++
		}
		for host, n := range hosts {
			if n > 500 {
				t.Errorf("%d requests to %s", n, host)
			}
		}
		Personality.Lint("f", upgrade, table)
		if _, err := parseConfig(upgrade); err != nil {
			return
		}
	})
}
