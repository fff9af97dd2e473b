package ipoffice

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"provsim/internal/fetch/tftp"
	"provsim/internal/role/ipoffice/wire"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// counting gives 00 01 02 … 0f again and again.
type counting struct{}

func (counting) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i % 16)
	}
	return len(p), nil
}

// config is that of the specification's vectors.
func config(t testing.TB, level string, lines ...string) Config {
	t.Helper()
	l, err := ParseLevel(level)
	if err != nil {
		t.Fatal(err)
	}
	lan := netip.MustParsePrefix("192.168.42.1/24")
	c := Config{MAC: MACOf(lan.Addr()), Level: l, Random: counting{}, Security: DefaultSecurity(), Records: Records{"system.name": "SYS1"}}
	c.Records.SetLAN("lan1", lan)
	c.Records.AddUsers(Extensions(3))
	more, err := ParseRecords([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range more {
		c.Records[key] = value
	}
	return c
}

func newUnit(t testing.TB, c Config) *Unit {
	t.Helper()
	u, _, err := New(c, nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

var somewhere = netip.MustParseAddrPort("192.168.42.100:4000")

// asked returns what the unit does about a request, in words.
func asked(u *Unit, write bool, name string, broadcast bool) string {
	var words []string
	for _, a := range u.Request(noon, somewhere, write, name, broadcast) {
		switch a.Do {
		case Send:
			words = append(words, string(a.Body))
		case Refuse:
			words = append(words, fmt.Sprintf("ERROR %d %s", a.Code, a.Note))
		case Receive:
			words = append(words, "receive")
		}
	}
	return strings.Join(words, " ")
}

// The vectors: who_is in one line of 106 bytes, in which public tools look at the
// values alone (IPO-FILE-1, IPO-ID-1), and the error of an unknown name (IPO-TFTP-5).
func TestWhoIs(t *testing.T) {
	u := newUnit(t, config(t, "3.2(17)"))
	for _, name := range []string{"nasystem/who_is", "nasystem/who_is3", "NASYSTEM/WHO_IS"} { // IPO-TFTP-6
		text := asked(u, false, name, false)
		parts := strings.Split(text, `"`)
		if len(text) != 106 || !strings.HasSuffix(text, "\r\n") || len(parts) != 13 ||
			parts[1] != "00e007a82a01" || parts[3] != "IP 500 V2" || parts[5] != "192.168.42.1" || parts[7] != "255.255.255.0" || parts[9] != "3.2(17)" || parts[11] != "SYS1" {
			t.Errorf("%s is %d bytes: %q", name, len(text), text)
		}
		for i := 0; i < 12; i += 2 {
			if strings.Count(parts[i], " ") != 1 {
				t.Errorf("the label %q has not one blank", parts[i])
			}
		}
	}
	name, write, ok := request(decode(t, "00016e6173797374656d2f77686f5f6973006f6374657400"))
	if name != "nasystem/who_is" || write || !ok {
		t.Errorf("the request of the vector is for %q, write %v, ok %v", name, write, ok)
	}
	refused := tftp.Packet{Op: tftp.OpError, Code: 1, Message: "NotFound"}
	if got := hex.EncodeToString(refused.Append(nil)); got != "000500014e6f74466f756e6400" || asked(u, false, "nasystem/x", false) != "ERROR 1 NotFound" {
		t.Errorf("an unknown name is %s, %s", got, asked(u, false, "nasystem/x", false))
	}
	u = newUnit(t, config(t, "3.2(17)", `system.name=Köln "1"`))
	if text := asked(u, false, "nasystem/who_is", false); !strings.Contains(text, "name \"K\xf6ln '1'\"\r\n") {
		t.Errorf("the name is written as %q", text)
	}
}

func decode(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Broadcasts ask who a unit is, and nothing else; writes are refused; switches take
// answers away (IPO-TFTP-2, IPO-TFTP-5, IPO-IF-1, IPO-IF-2).
func TestRequests(t *testing.T) {
	for _, c := range []struct {
		off, name        string
		write, broadcast bool
		want             string // the beginning
	}{
		{name: "nasystem/who_is3", broadcast: true, want: `MAC "`},
		{name: "nasystem/user_list", broadcast: true, want: ""},
		{name: "nasystem/user_list", want: "Extn201,"},
		{name: "nasystem/User_List", want: "ERROR 1 NotFound"},
		{name: "nasystem/user_list", write: true, want: "ERROR 2 "},
		{name: "nasystem/lab_config/password", want: "ERROR 1 NotFound"},
		{name: "nasystem/dir_list", want: "ERROR 1 NotFound"},
		{off: "udp-discovery", name: "nasystem/who_is", want: ""},
		{off: "udp-discovery", name: "nasystem/who_is", broadcast: true, want: ""},
		{off: "udp-discovery", name: "nasystem/user_list", want: "Extn201,"},
		{off: "tftp", name: "nasystem/user_list", want: ""},
	} {
		conf := config(t, "3.2(17)")
		if c.off != "" {
			if err := conf.Security.Switch(c.off, false); err != nil {
				t.Fatal(err)
			}
		}
		got := asked(newUnit(t, conf), c.write, c.name, c.broadcast)
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%+v gives %q", c, got)
		}
	}
	if err := DefaultSecurity().Switch("security", false); err == nil {
		t.Error("the security settings can be switched off")
	}
}

// The columns of the lists, as public tools split them: by CRLF and by commas
// (IPO-FILE-2).
func TestLists(t *testing.T) {
	conf := config(t, "3.2(17)",
		"user.201.fullname=Ann Example", "user.201.email=ann@example.com", "user.201.licence=4", "user.201.applications=48",
		"directory.1.name=Office", "directory.1.number=0123")
	if err := conf.Security.Switch("tftp-directory", true); err != nil {
		t.Fatal(err)
	}
	u := newUnit(t, conf)
	for name, want := range map[string]struct {
		rows, columns int
		row           int
		values        map[int]string // by the column, counted from 1
	}{
		"user_list":       {3, 4, 0, map[int]string{1: "Extn201", 2: "201", 3: "Ann Example", 4: "1"}},
		"user_list8":      {4, 8, 1, map[int]string{1: "Extn201", 2: "201", 3: "Ann Example", 4: "4", 5: "48", 6: "0", 8: "ann@example.com"}},
		"hunt_list":       {1, 8, 0, map[int]string{1: "Main", 2: "200", 4: "0", 5: "1", 8: "0"}},
		"dir_list":        {1, 2, 0, map[int]string{1: "Office", 2: "0123"}},
		"licence_list":    {1, 4, 0, map[int]string{1: "Users", 4: "3"}},
		"user_info3/202":  {1, 69, 0, map[int]string{1: "Extn202", 2: "Extension 202", 3: "202", 4: "0", 9: "0", 20: "no", 45: "1", 69: "0"}},
		"MemberOf/203":    {1, 4, 0, map[int]string{1: "Main", 2: "203", 3: "0", 4: "200"}},
		"extn_list":       {},
		"AccountCode":     {},
		"call_list/1/1":   {},
		"user_info3/999":  {rows: -1},
		"MemberOf/999":    {rows: -1},
		"user_info3/":     {rows: -1},
		"user_info3":      {rows: -1},
		"user_list/":      {rows: -1},
		"lab_config/":     {rows: -1},
		"../user_list":    {rows: -1},
		"call_list/1/1/1": {rows: -1},
	} {
		body, ok := u.file("nasystem/" + name)
		if !ok || want.rows < 0 {
			if ok || want.rows >= 0 {
				t.Errorf("%s is there: %v", name, ok)
			}
			continue
		}
		if want.rows == 0 {
			if len(body) != 0 {
				t.Errorf("%s is %q, want nothing", name, body)
			}
			continue
		}
		text, ended := strings.CutSuffix(string(body), "\r\n")
		rows := strings.Split(text, "\r\n")
		columns := strings.Split(rows[want.row], ",")
		if !ended || len(rows) != want.rows || len(columns) != want.columns {
			t.Errorf("%s has %d rows of %d columns, want %d of %d: %q", name, len(rows), len(columns), want.rows, want.columns, body)
			continue
		}
		for n, value := range want.values {
			if columns[n-1] != value {
				t.Errorf("%s: column %d is %q, want %q", name, n, columns[n-1], value)
			}
		}
	}
	if body, _ := u.file("nasystem/user_list8"); !bytes.HasPrefix(body, []byte("NoUser,")) {
		t.Errorf("the first row of user_list8 is %q", body)
	}
}

// A level is compared by its first two numbers, and says what a unit has (IPO-ID-2).
func TestLevels(t *testing.T) {
	for text, want := range map[string]string{
		"2.1": "udp", "3.1(65)": "udp", "3.2(17)": "tcp", "3.10": "tcp", "9.1": "tcp", "10.0": "devlink3", "11.1.2.3": "devlink3",
	} {
		u := newUnit(t, config(t, text))
		got := "udp"
		for _, p := range u.Ports() {
			if p.Network == "tcp" && p.Service != "http" && got == "udp" {
				got = "tcp"
			}
			if p.Service == "devlink3" {
				got = p.Service
			}
		}
		if got != want {
			t.Errorf("level %s has %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "3", "3.", "x.1", "-1.2", "3.2\n", strings.Repeat("1", 30) + ".1"} {
		if _, err := ParseLevel(text); err == nil {
			t.Errorf("%q is a level", text)
		}
	}
}

// Ports have fixed offsets from the base, except for the one of discovery; the text's
// 50812 and the table's 50808 are both there (IPO-PORT-1, IPO-PORT-2).
func TestPorts(t *testing.T) {
	list := func(u *Unit) string {
		var all []string
		for _, p := range u.Ports() {
			all = append(all, fmt.Sprintf("%s %s %v:%d", p.Service, p.Network, p.Addr, p.Number))
		}
		return strings.Join(all, "\n")
	}
	c := config(t, "10.0", "lan2.address=192.168.43.1", "lan2.mask=255.255.255.0")
	u := newUnit(t, c)
	for _, want := range []string{
		"tftp udp 192.168.42.1:69", "stub udp 192.168.42.1:161", "stub udp 192.168.42.1:520", "stub udp 192.168.42.1:50795",
		"stub udp 192.168.42.1:50796", "stub udp 192.168.42.1:50797", "discovery tcp 192.168.42.1:50802", "configuration tcp 192.168.42.1:50804",
		"security tcp 192.168.42.1:50812", "security tcp 192.168.42.1:50808", "devlink3 tcp 192.168.42.1:50797", "http tcp 192.168.42.1:80",
		"silent udp 192.168.43.1:69",
	} {
		if !strings.Contains(list(u)+"\n", want+"\n") {
			t.Errorf("%s is missing from\n%s", want, list(u))
		}
	}
	if strings.Contains(list(u), "tcp 192.168.43.1") { // IPO-LAN-1
		t.Errorf("there is a TCP port at LAN2:\n%s", list(u))
	}
	c = config(t, "3.2")
	c.Quirks.NoAlias = true
	for _, name := range []string{"tcp-discovery", "configuration", "http", "tftp"} {
		if err := c.Security.Switch(name, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Security.SetBase(51000); err != nil {
		t.Fatal(err)
	}
	if text := list(newUnit(t, c)); strings.Contains(text, "50802") || !strings.Contains(text, "security tcp 192.168.42.1:51008") || strings.Count(text, "tcp") != 1 || strings.Contains(text, ":69") {
		t.Errorf("the ports are\n%s", text)
	}
	for base, want := range map[int]bool{49151: false, 49152: true, 65526: true, 65527: false} {
		if (c.Security.SetBase(base) == nil) != want {
			t.Errorf("base %d is taken: %v", base, !want)
		}
	}
}

// A configuration is lines; what is wrong is named with its line and column, and
// without its value (IPO-LNK-7, IPO-ID-1).
func TestRecords(t *testing.T) {
	good := "# a comment\r\n\r\nsystem.name=SYS1\nlan1.address=192.168.42.1\nlan1.mask=255.255.255.0\nuser.201.name=Ann = 1\nuser.201.fullname=\n"
	r, err := ParseRecords([]byte(good))
	if err != nil || r["user.201.name"] != "Ann = 1" || r.lan("lan1") != netip.MustParsePrefix("192.168.42.1/24") {
		t.Fatalf("%v, error %v", r, err)
	}
	again, err := ParseRecords(r.Text())
	if err != nil || !bytes.Equal(again.Text(), r.Text()) {
		t.Errorf("the text does not parse to the same: %v\n%s", err, r.Text())
	}
	for text, want := range map[string]string{
		"system.name":                     "line 1, column 12: found no =",
		"\nsys tem.name=1":                "line 2, column 4: want a name",
		"=1":                              "line 1, column 1: want a name",
		"sistem.name=x":                   `line 1, column 1: unknown record "sistem"`,
		"system=1":                        "want system.FIELD=VALUE",
		"system.1.name=1":                 "want system.FIELD=VALUE",
		"user.name=secret1":               "want user.NUMBER.FIELD=VALUE",
		"user.1.2.name=x":                 "want user.NUMBER.FIELD=VALUE",
		"system.name=a\nsystem.name=b":    "line 2, column 1: system.name stands there twice",
		"system.name=a/b":                 "without < > |",
		"system.name=":                    "want 1 to 64",
		"lan1.address=secret1":            "want an IPv4 address",
		"lan1.address=::1":                "want an IPv4 address",
		"lan1.mask=255.0.255.0":           "want a mask",
		"user.1.licence=9":                "want 1 to 8",
		"user.1.name=a,b":                 "without a comma",
		"user.1.name=a\x01b":              "line 1, column 14: ",
		"user.1.name=\xff":                "line 1, column 13: ",
		"#\n" + strings.Repeat("x", 1001): "line 2, column 1001: the line is too long",
	} {
		if _, err := ParseRecords([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret1") {
			t.Errorf("%.40q: error %v, want %q", text, err, want)
		}
	}
}

// Any configuration is an error, or prints to what parses to the same; a unit that has
// it goes on.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("system.name=SYS1\nlan1.address=192.168.42.1\nlan1.mask=255.255.255.0\nuser.201.name=Ann\ngroup.200.members=201;202"))
	f.Add([]byte("directory.1.name=a\nsystem.name=\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseRecords(text)
		if err != nil {
			return
		}
		again, err := ParseRecords(r.Text())
		if err != nil || !bytes.Equal(again.Text(), r.Text()) {
			t.Fatalf("the printed text is not the same: %v", err)
		}
		u := newUnit(t, Config{Records: r, Security: DefaultSecurity(), Random: counting{}})
		for _, name := range []string{"who_is", "user_list", "user_list8", "hunt_list", "user_info3/201", "MemberOf/201"} {
			u.file("nasystem/" + name)
		}
		u.Ports()
		u.Page("/system/user/scn_user_list")
		u.Page("/system/dir/cfg_dir_list")
	})
}

// The head of a page has its lines in the order that clients know, and the lists are
// named as they are on the wire (IPO-WEB-1, IPO-WEB-2, IPO-WEB-3).
func TestPages(t *testing.T) {
	u := newUnit(t, config(t, "7.0(27)", "directory.1.name=A & B", "directory.1.number=0123", "directory.2.name=C", "directory.2.number=0124"))
	p, _ := u.Page("/")
	head := "HTTP/1.0 301 Moved Permanently\r\nDate: Mon, 02 Mar 2026 12:00:00 GMT\r\nCache-Control: private\r\nLocation: /index.html\r\n" +
		"Server: IPOffice/7.0(27)\r\nContent-Type: text/plain\r\nContent-Length: 22\r\n\r\n"
	if got := string(p.Head(noon, u.Level())); got != head || string(p.Body) != "Redirect to index.html" {
		t.Errorf("/ is\n%s%s", got, p.Body)
	}
	if got := string(BadRequest.Head(noon, u.Level())); !strings.HasPrefix(got, "HTTP/1.1 400 Bad Request\r\nDate: ") || !strings.Contains(got, "\r\nContent-Length: 13\r\n") || string(BadRequest.Body) != "Parsing error" {
		t.Errorf("what is no request gets\n%s%s", got, BadRequest.Body)
	}
	for path, want := range map[string][]string{
		"/system/user/scn_user_list": {
			`xmlns="http://www.avaya.com/ipoffice/userlist"`, "<data_source>IPOFFICE/7.0(27) 192.168.42.1</data_source>",
			"<user><name>Extn201</name><fname>Extension 201</fname><extn>201</extn></user>",
		},
		"/system/dir/cfg_dir_list": {
			`<corporate_dir xmlns="http://www.avaya.com/ipoffice/corporatedirectory">`, "<content>cfg_directory</content>", "<stale_data>false</stale_data>",
			"<list><name>A &amp; B</name><numb>0123</numb><name>C</name><numb>0124</numb></list>",
		},
	} {
		p, ok := u.Page(path)
		bare := strings.NewReplacer("\n", "", "> ", ">").Replace(string(p.Body))
		for strings.Contains(bare, "> ") {
			bare = strings.ReplaceAll(bare, "> ", ">")
		}
		for _, part := range want {
			if !ok || !strings.Contains(bare, part) {
				t.Errorf("%s lacks %s:\n%s", path, part, p.Body)
			}
		}
	}
}

// The frames of discovery: a name that asks who the unit is gets one answer, all else
// none, and the unit closes (IPO-LNK-2).
func TestDiscoveryFrames(t *testing.T) {
	u := newUnit(t, config(t, "3.2(17)"))
	port := Port{Service: "discovery", Network: "tcp", Number: 50802}
	for _, c := range []struct {
		payload wire.Message
		want    string
	}{
		{wire.New(wire.Read, 1).Sized("nasystem/who_is3"), "80300041" + "00000001" + "00000000"},
		{wire.New(wire.Read, 1).Sized("nasystem/user_list"), ""},
		{wire.New(wire.Read, 1).Text("nasystem/who_is3"), ""},
		{wire.New(wire.Hello, 1).Text("app"), ""},
	} {
		var got []byte
		closed := false
		for _, a := range u.Frame(noon, u.Connect(port, somewhere, 0), c.payload) {
			if a.Do == Send {
				got = append(got, a.Body...)
			}
			closed = closed || a.Do == Close
		}
		if text := hex.EncodeToString(got[:min(12, len(got))]); text != c.want || !closed {
			t.Errorf("%x is answered with %s, want %s; closed %v", []byte(c.payload), text, c.want, closed)
		}
	}
}
