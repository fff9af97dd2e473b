package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

var now = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// shown is an entry in one line.
func shown(e *Entry) string {
	took := ""
	if e.Took >= 0 {
		took = fmt.Sprintf(" took %dus", e.Took)
	}
	return fmt.Sprintf("%v %s %s %s %s %d %d%s %s%s", e.Kind, time.UnixMicro(e.At).UTC().Format("2006-01-02T15:04:05.000"), e.Address, e.Method, e.Path, e.Status, e.Size, took, e.Agent, e.MAC)
}

// all reads every entry of texts, each as a file.
func all(t *testing.T, o Options, texts ...string) (entries []string, files []File) {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i, text := range texts {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	if o.Now.IsZero() {
		o.Now = now
	}
	s, err := Open(paths, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		e, err := s.Next()
		if errors.Is(err, io.EOF) {
			return entries, s.Files()
		}
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, shown(e))
	}
}

// Each format is recognised from its own lines, and all that it tells is read. Queries
// and passwords are left out.
func TestFormats(t *testing.T) {
	for _, c := range []struct{ format, text, want string }{
		{
			"combined", `10.0.0.5 - - [30/Nov/2026:08:36:57 +0000] "GET /p/001565abcdef.cfg?token=secret HTTP/1.1" 200 1234 "-" "Yealink SIP-T46S 66.86.0.15 00:15:65:ab:cd:ef"`,
			"web 2026-11-30T08:36:57.000 10.0.0.5 GET /p/001565abcdef.cfg 200 1234 Yealink SIP-T46S 66.86.0.15 00:15:65:ab:cd:ef",
		},
		{
			"combined", `10.0.0.5 - user name [30/Nov/2026:09:36:57 +0100] "GET /a\"b HTTP/1.1" 404 - "-" "a \"quoted\" agent" 0.012 pipe`,
			`web 2026-11-30T08:36:57.000 10.0.0.5 GET /a\"b 404 -1 took 12000us a \"quoted\" agent`,
		},
		{
			"combined", `10.0.0.5 example.org - [30/Nov/2026:08:36:57 +0000] "GET http://u:secret@h/x HTTP/1.1" 200 5 "-" "curl" rt=0.003 urt="0.002"`,
			"web 2026-11-30T08:36:57.000 10.0.0.5 GET /x 200 5 took 3000us curl",
		},
		{
			"vhost", `example.org:80 10.0.0.5 - - [30/Nov/2026:08:36:57 +0000] "GET /x HTTP/1.1" 200 5 "-" "curl"`,
			"web 2026-11-30T08:36:57.000 10.0.0.5 GET /x 200 5 curl",
		},
		{
			"common", `2001:db8::5 - - [30/Nov/2026:08:36:57 +0000] "PUT /x HTTP/1.1" 201 5`,
			"web 2026-11-30T08:36:57.000 2001:db8::5 PUT /x 201 5 ",
		},
		{
			"json", `{"time_iso8601":"2026-11-30T08:36:57+00:00","msec":"1796027817.500","remote_addr":"10.0.0.5","request":"GET /x?y HTTP/1.1","status":"200","body_bytes_sent":"7","request_time":"0.500","http_user_agent":"curl"}`,
			"web 2026-11-30T08:36:57.000 10.0.0.5 GET /x 200 7 took 500000us curl",
		},
		{
			"json", `{"level":"info","ts":1796027817.25,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"10.0.0.5","remote_port":"4","proto":"HTTP/1.1","method":"GET","host":"h","uri":"/x?secret","headers":{"User-Agent":["curl"],"Cookie":["c"]}},"duration":0.25,"size":9,"status":404}`,
			"web 2026-11-30T08:36:57.000 10.0.0.5 GET /x 404 9 took 250000us curl",
		},
		{
			"haproxy", `10.0.1.2:33317 [30/Nov/2026:08:36:57.655] in static/srv1 10/2/3/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {h|curl} {} "GET /x?y HTTP/1.1"`,
			"web 2026-11-30T08:36:57.655 10.0.1.2 GET /x 200 2750 took 74000us curl",
		},
		{
			"syslog", `Nov 30 08:36:57 vm haproxy[7]: 10.0.1.2:33317 [30/Nov/2026:08:36:57.655] in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1"`,
			"web 2026-11-30T08:36:57.655 10.0.1.2 GET /x 200 2750 took 99000us ",
		},
		{
			"syslog", "Nov 30 08:40:28 vm in.tftpd[5]: RRQ from 10.0.0.5 filename a.cfg\nNov 30 08:40:28 vm in.tftpd[6]: RRQ from 10.0.0.6 filename b.cfg remapped to /b.cfg\nNov 30 08:40:28 vm in.tftpd[5]: sending NAK (1, File not found) to 10.0.0.5",
			"tftp 2026-11-30T08:40:28.000 10.0.0.5 GET a.cfg 200 -1 \ntftp 2026-11-30T08:40:28.000 10.0.0.6 GET b.cfg 200 -1 \ntftp 2026-11-30T08:40:28.000 10.0.0.5 GET a.cfg 404 -1 ",
		},
		{
			"syslog", "Nov 30 08:40:28 vm atftpd[5.7]: Server thread exiting\nNov 30 08:40:28 vm atftpd[5.8]: Serving a to b.cfg to 10.0.0.5:1234\nNov 30 08:40:28 vm atftpd[5.8]: File /srv/a to b.cfg not found",
			"tftp 2026-11-30T08:40:28.000 10.0.0.5 GET a to b.cfg 200 -1 \ntftp 2026-11-30T08:40:28.000 10.0.0.5 GET a to b.cfg 404 -1 ",
		},
		{
			"syslog", "Nov 30 08:39:59 dnsmasq-tftp[5]: sent /srv/tftp/a.cfg to 10.0.0.5\nNov 30 08:39:59 dnsmasq-tftp[5]: file /srv/tftp/b.cfg not found for 10.0.0.5\n",
			"tftp 2026-11-30T08:39:59.000 10.0.0.5 GET /srv/tftp/a.cfg 200 -1 \ntftp 2026-11-30T08:39:59.000 10.0.0.5 GET /srv/tftp/b.cfg 404 -1 ",
		},
		{
			"syslog", "2026-11-30T08:39:59.5+01:00 vm dnsmasq-dhcp[5]: 77 vendor class: yealink\n2026-11-30T08:39:59.500000+01:00 vm dnsmasq-dhcp[5]: 77 DHCPACK(eth0) 10.0.0.5 00:15:65:ab:cd:ef phone",
			"dhcp 2026-11-30T07:39:59.500 10.0.0.5   0 -1 yealink00:15:65:ab:cd:ef",
		},
		{
			"syslog", "<30>Nov 30 08:39:59 vm dhcpd[5]: DHCPACK on 10.0.0.5 to 00:15:65:ab:cd:ef (phone) via eth0\n<30>1 2026-11-30T08:39:59Z vm dhcpd 5 - - DHCPACK on 10.0.0.6 to 00:15:65:ab:cd:ee via eth0",
			"dhcp 2026-11-30T08:39:59.000 10.0.0.5   0 -1 00:15:65:ab:cd:ef\ndhcp 2026-11-30T08:39:59.000 10.0.0.6   0 -1 00:15:65:ab:cd:ee",
		},
		{
			"kea", "2026-11-30 08:36:57.123 INFO  [kea-dhcp4.leases/77.1] DHCP4_LEASE_ALLOC [hwtype=1 00:15:65:ab:cd:ef], cid=[no info], tid=0x1: lease 10.0.0.5 has been allocated for 3600 seconds",
			"dhcp 2026-11-30T08:36:57.123 10.0.0.5   0 -1 00:15:65:ab:cd:ef",
		},
	} {
		entries, files := all(t, Options{}, c.text)
		if got := strings.Join(entries, "\n"); got != c.want || files[0].Format != c.format {
			t.Errorf("%s:\n%s\nfound as %s:\n%s\nwant:\n%s", c.format, c.text, files[0].Format, got, c.want)
		}
	}
}

// Of several members of a JSON line that tell the same, one counts in all lines.
func TestMembersThatTellTheSame(t *testing.T) {
	text := ""
	for i := range 20 {
		text += fmt.Sprintf(`{"ts":1796027817.25,"request":{"remote_ip":"10.0.0.1","client_ip":"10.0.0.5","method":"GET","uri":"/%d"},"status":404}`+"\n", i)
	}
	entries, _ := all(t, Options{}, text)
	for _, e := range entries {
		if !strings.Contains(e, " 10.0.0.5 ") {
			t.Errorf("found %s, want the client's own address", e)
		}
	}
}

// A format that is given is taken as nginx and Apache write it, and one that cannot be
// used says why.
func TestGivenFormats(t *testing.T) {
	for _, c := range []struct{ format, text, want string }{
		{`$msec|$remote_addr|$request_method $request_uri|$status|$request_time|$http_user_agent`, "1796027817.500|10.0.0.5|GET /x?y|200|0.100|curl", "web 2026-11-30T08:36:57.400 10.0.0.5 GET /x 200 -1 took 100000us curl"},
		{`%h %l %u %t \"%r\" %>s %b %D \"%{User-Agent}i\"`, `10.0.0.5 - - [30/Nov/2026:08:36:57 +0000] "GET /x HTTP/1.1" 200 12 1500 "curl"`, "web 2026-11-30T08:36:57.000 10.0.0.5 GET /x 200 12 took 1500us curl"},
	} {
		entries, _ := all(t, Options{Format: c.format}, c.text)
		if len(entries) != 1 || entries[0] != c.want {
			t.Errorf("%s: found %q, want %q", c.format, entries, c.want)
		}
	}
	for format, want := range map[string]string{
		"combinde":                   `did you mean "combined"?`,
		"what":                       "want one of combined, vhost",
		"$remote_addr$status":        "side by side",
		"$status $time_local":        "no variable is the client's address",
		"$remote_addr $request":      "no variable is the time",
		"$remote_addr [$time_local]": "no variable is the request",
	} {
		if _, err := Open(nil, nil, Options{Format: format}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", format, err, want)
		}
	}
}

func line(second int, path string) string {
	return fmt.Sprintf("10.0.0.5 - - [30/Nov/2026:%02d:%02d:%02d +0000] \"GET /%s HTTP/1.1\" 200 5 \"-\" \"a\"\n", second/3600, second/60%60, second%60, path)
}

// Rotated files come in the order of their times, whatever their names, those of two
// servers are merged, and a copy of a file is left out.
func TestSeveralFiles(t *testing.T) {
	entries, files := all(t, Options{}, line(100, "c")+line(101, "d"), line(1, "a")+line(2, "b"), line(100, "c")+line(101, "d"), line(0, "x")+line(102, "y"))
	var paths []string
	for _, e := range entries {
		paths = append(paths, strings.Fields(e)[4])
	}
	if got := strings.Join(paths, " "); got != "/x /a /b /c /d /y" {
		t.Errorf("found the order %s", got)
	}
	if files[2].Same != files[0].Name {
		t.Errorf("the third file is a copy of the first, found %+v", files[2])
	}
}

// What is compressed is read as what is not, and one that is cut off gives what it has.
func TestCompressed(t *testing.T) {
	text := strings.Repeat(line(5, "a")+line(6, "b"), 5000)
	var g, z bytes.Buffer
	gw := gzip.NewWriter(&g)
	gw.Write([]byte(text))
	gw.Close()
	zw, _ := zstd.NewWriter(&z)
	zw.Write([]byte(text))
	zw.Close()
	for name, body := range map[string]string{"plain": text, "gzip": g.String(), "zstd": z.String()} {
		entries, files := all(t, Options{}, body)
		if len(entries) != 10000 || files[0].Lines != 10000 || files[0].Broken != "" {
			t.Errorf("%s: %d entries, %+v", name, len(entries), files[0])
		}
	}
	entries, files := all(t, Options{}, g.String()[:g.Len()-20])
	if len(entries) == 0 || files[0].Broken == "" {
		t.Errorf("a file that is cut off: %d entries, %+v", len(entries), files[0])
	}
}

// Pipes, as of a shell's <(...), are read from their first byte on, in the order of their
// times.
func TestPipes(t *testing.T) {
	var paths []string
	const lines = 5000 // more than are looked at
	for _, first := range []int{lines, 0} {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		path := fmt.Sprintf("/dev/fd/%d", in.Fd())
		if _, err := os.Stat(path); err != nil {
			t.Skip(err)
		}
		paths = append(paths, path)
		go func() {
			defer out.Close()
			for second := range lines {
				io.WriteString(out, line(first+second, "a"))
			}
		}()
	}
	s, err := Open(paths, nil, Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n, latest := 0, int64(0)
	for ; ; n++ {
		e, err := s.Next()
		if err != nil {
			break
		}
		if e.At < latest {
			t.Fatalf("entry %d is earlier than the one before", n)
		}
		latest = e.At
	}
	if n != 2*lines {
		t.Errorf("%d entries are read, want %d: %+v", n, 2*lines, s.Files())
	}
}

// Lines of no use are counted by their reason, and end nothing; of a line that is too
// long only its begin is held.
func TestLinesOfNoUse(t *testing.T) {
	good := line(5, "a")
	text := good + good + "x\n" + strings.Replace(good, "Nov", "Nvo", 1) + strings.Replace(good, "GET /a HTTP/1.1", `\x16\x03\x01`, 1) +
		strings.Repeat("y", 1<<20) + "\n" + strings.Replace(good, "/a", "/"+strings.Repeat("z", LongestLine), 1) + line(3600, "b") + line(1, "c") + line(2, "end")[:30]
	entries, files := all(t, Options{Format: "combined"}, text)
	f := files[0]
	want := [numReasons]int64{Repeated: 1, Foreign: 2, NoTime: 1, NoLine: 1, Long: 2}
	if len(entries) != 3 || f.Dropped != want || f.Lines != 10 || f.Back != 1 {
		t.Errorf("%d entries, %d lines, back %d, dropped %v, want %v", len(entries), f.Lines, f.Back, f.Dropped, want)
	}
}

func TestUnknownAndEmpty(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	for text, want := range map[string]string{"one\ntwo\n": "of no known log format", "": "empty", "\x1f\x8bbad": "x: "} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open([]string{path}, nil, Options{Now: now}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	s, err := Open([]string{"-"}, strings.NewReader(line(1, "a")), Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if e, err := s.Next(); err != nil || string(e.Path) != "/a" {
		t.Errorf("standard input: %v, %v", e, err)
	}
}

// A time without a year is the latest that is possible, in the zone that is given.
func TestTimeWithoutYear(t *testing.T) {
	zone := time.FixedZone("", -3600)
	for stamp, want := range map[string]string{"Nov 30 08:00:00": "2026-11-30T09:00:00Z", "Dec  2 08:00:00": "2025-12-02T09:00:00Z", "Feb 29 08:00:00": "2024-02-29T09:00:00Z"} {
		c := &clock{zone: zone, now: now}
		at, _, ok := c.stamp([]byte(stamp + " "))
		if got := time.UnixMicro(at).UTC().Format(time.RFC3339); !ok || got != want {
			t.Errorf("%s is %s, want %s", stamp, got, want)
		}
	}
}

// No line ends a reader, and all that it returns is in the line.
func FuzzLines(f *testing.F) {
	f.Add([]byte(line(1, "a")))
	f.Add([]byte(`{"ts":1,"request":{"uri":"http://a:b@/?"},"status":1e9}`))
	f.Add([]byte("Nov 30 08:40:28 vm atftpd[5.8]: Serving a to b.cfg to 10.0.0.5:1234"))
	f.Add([]byte("2026-11-30 08:36:57.123 INFO  [kea-dhcp4.leases/77.1] DHCP4_LEASE_ALLOC [hwtype=1 00:15], x: lease 10.0.0.5 "))
	f.Add([]byte(`1 [30/Nov/2026:08:36:57.655] in s 1/0/3/6/1 -1 2 - - ---- 1 0 {|c} "GET /x`))
	parsers := map[string]parser{}
	for _, format := range formats {
		parsers[format.name] = format.parser()
	}
	o := Options{Now: now}
	clocks := o.clock()
	f.Fuzz(func(t *testing.T, text []byte) {
		for name, parse := range parsers {
			e := Entry{Size: -1, Took: -1}
			if parse(clocks, text, &e) != Good {
				continue
			}
			if bytes.ContainsAny(e.Path, "?#") && e.Kind == Web || e.Status < 0 || e.Status > 999 || e.Size < -1 || e.Took < -1 {
				t.Errorf("%s: %+v", name, e)
			}
		}
	})
}

func BenchmarkCombined(b *testing.B) {
	text := []byte(`10.0.0.5 - - [30/Nov/2026:08:36:57 +0000] "GET /provisioning/001565abcdef.cfg HTTP/1.1" 200 1234 "-" "Yealink SIP-T46S 66.86.0.15 00:15:65:ab:cd:ef"`)
	o := Options{}
	parse, c := formats[0].parser(), o.clock()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var e Entry
	for b.Loop() {
		if parse(c, text, &e) != Good {
			b.Fatal("not read")
		}
	}
}

// The time that a request took is read in nginx's form and in others. Any other text is -1.
func TestSpent(t *testing.T) {
	for text, want := range map[string]int64{
		"0.012": 12_000, "12.345": 12_345_000, "1.5": 1_500_000, "7": 7_000_000, ".250": 250_000, " 0.001": 1_000,
		"0.500, 0.002": 2_000, "0.500 : 0.003": 3_000, "-": -1, "-1.000": -1, "a.123": -1, "9999999.000": -1,
	} {
		if got := spent([]byte(text), 1e6); got != want {
			t.Errorf("%q is %d µs, want %d", text, got, want)
		}
	}
}
