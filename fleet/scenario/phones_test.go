package scenario

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"provsim/device"
	"provsim/device/polycom"
)

var byAddr = cmpopts.EquateComparable(netip.Addr{})

func all(l *PhoneList) (phones []Phone) {
	for i := range l.Len() {
		phones = append(phones, l.Phone(i))
	}
	return phones
}

// What is written is read again; columns that no phone has are left out.
func TestPhonesRoundTrip(t *testing.T) {
	mac := func(text string) device.MAC {
		m, err := device.ParseMAC(text)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	phones := []Phone{
		{MAC: mac("805ec0d57d72"), Vendor: "yealink", Product: "T46S", Server: "http://u:p@h/token,1/"},
		{MAC: mac("0021f2011b19"), Rule: `[--key "a b"] http://h/$MA.cfg`},
		{MAC: mac("00041396d9b4"), IP: netip.MustParseAddr("192.0.2.7"), Serial: "S 1", Cert: "a.pem", Key: "a.key"},
	}
	var text bytes.Buffer
	if err := WritePhones(&text, phones); err != nil {
		t.Fatal(err)
	}
	if head, _, _ := strings.Cut(text.String(), "\n"); head != "mac,vendor,product,serial,server,rule,ip,cert,key" {
		t.Errorf("header %q", head)
	}
	list, err := ReadPhones("p.csv", iotest.OneByteReader(&text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(phones, all(list), byAddr); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	text.Reset()
	if err := WritePhones(&text, phones[:1]); err != nil || !strings.HasPrefix(text.String(), "mac,vendor,product,server\n") {
		t.Errorf("%v, %q: want only the columns that the phone has", err, text.String())
	}
}

// Columns come in any order and case, with blanks around, CRLF, empty lines and a byte
// order mark.
func TestPhonesAsProgramsWriteThem(t *testing.T) {
	list, err := ReadPhones("p.csv", strings.NewReader("\ufeffVendor, MAC \r\n\r\nsnom,00:04:13:96:d9:b4\r\n,\" 80-5E-C0-D5-7D-72\"\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := all(list); len(got) != 2 || got[0].Vendor != "snom" || got[1].MAC.String() != "805ec0d57d72" || got[1].Vendor != "" {
		t.Errorf("found %+v", got)
	}
}

// Errors have the line and the column, and nothing of what may be secret.
func TestPhonesErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "p.csv: found no phone",
		"mac\n":                             "p.csv: found no phone",
		"mac,vendr\n":                       `p.csv:1:5: found the column "vendr", did you mean vendor?`,
		"mac;vendor\n":                      `p.csv:1:1: found the column "mac;vendor", want any of mac, vendor`,
		"mac,mac\n":                         "p.csv:1:5: found the column mac twice",
		"mac,vendor\n805ec0d57d72\n":        "p.csv:2:1: found 1 values, want 2",
		"mac,vendor\n805ec0d57d72,yealnk\n": `p.csv:2:14: vendor: vendor "yealnk" is unknown, did you mean "yealink"?`,
		"vendor,mac\nsnom,0104\n":           `p.csv:2:6: mac: MAC address "0104": want 12`,
		"mac\n\n805ec0d57d72\n80:5e:c0:d5:7d:72\n": "p.csv:4:1: mac: found 805ec0d57d72 a second time, line 3 has it",
		"ip\n300.1.1.1\n":                          `p.csv:2:1: ip: found "300.1.1.1"`,
		"mac,server\n805ec0d57d72,s3cret\n":        "p.csv:2:14: server: want a URL",
		"server,rule\nhttp://h/,http://s3cret/\n":  "p.csv:2:11: rule: found a server too",
		"mac,cert\n805ec0d57d72,a.pem\n":           "p.csv:2:14: cert: a client certificate needs both",
		"mac,vendor\n,\n":                          "p.csv:2:1: found an empty row",
		"mac,rule\n805ec0d57d72,\"s3cret\nx\"\n":   "p.csv:2:14: found what is no CSV",
		"mac,rule\n805ec0d57d72,a\x00s3cret\n":     "p.csv:2:14: rule: found a byte that is no text",
		"mac\n" + strings.Repeat("8", 17<<10):      "p.csv:2:1: found what is no CSV",
		"serial\n" + strings.Repeat("8", 5<<10):    "p.csv:2:1: serial: found 5120 bytes",
	} {
		_, err := ReadPhones("p.csv", strings.NewReader(text))
		var faults *Error
		if !errors.As(err, &faults) || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%.60q: error %v, want %q", text, err, want)
		}
	}
	many := "mac\n" + strings.Repeat("x\n", 100)
	var faults *Error
	if _, err := ReadPhones("p.csv", strings.NewReader(many)); !errors.As(err, &faults) || len(faults.Faults) != maxFaults {
		t.Errorf("found %v, want %d faults", err, maxFaults)
	}
	broken := errors.New("the disk is gone")
	if _, err := ReadPhones("p.csv", iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("found %v, want the reader's error", err)
	}
}

// listed returns a population with a list.
func listed(t *testing.T, population, rows string) *Scenario {
	t.Helper()
	s, err := Parse("test.yaml", []byte("population: {"+population+"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Population.List, err = ReadPhones("p.csv", strings.NewReader(rows)); err != nil {
		t.Fatal(err)
	}
	return s
}

// What a row leaves out comes from the scenario: the vendor, where none is given by the
// address, the products that it has of that vendor, and else the vendor's own.
func TestPhonesOfAScenario(t *testing.T) {
	const rows = "mac,vendor,product\n805ec0d57d72,,\n00041396d9b4,,D715\n020000000001,,\n020000000002,polycom,VVX_500\n"
	s := listed(t, "phones: p.csv, products: [{vendor: yealink, product: T48S, software: 66.84.0.10}, {vendor: yealink, product: T41S}]", rows)
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, products := range s.Filled().Population.KindsOf() {
		var names []string
		for _, p := range products {
			names = append(names, p.Vendor+" "+p.Name+" "+p.Software)
		}
		got = append(got, strings.Join(names, ", "))
	}
	want := []string{
		"yealink T48S 66.84.0.10, yealink T41S 66.86.0.15",
		"snom D715 10.1.169.16",
		"yealink T48S 66.84.0.10, yealink T41S 66.86.0.15",
		"polycom VVX_500 " + polycom.Personality.Delivered("VVX_500"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := s.Filled().Devices; n != 4 {
		t.Errorf("%d devices, want the 4 of the list", n)
	}
	s = listed(t, "vendor: snom, phones: p.csv", "mac\n805ec0d57d72\n")
	if list := s.Population.Vendors(); len(list) != 1 || list[0].Name != "snom" {
		t.Errorf("found %v, want the vendor that the scenario gives", list)
	}
}

// A scenario says what is wrong with a list that does not fit it, and the list is part
// of its digest.
func TestPhonesThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		devices    int
		rows, want string
	}{
		{0, "mac,rule\n805ec0d57d72,http://s3cret/\n", "p.csv:2: rule: Yealink phones are led to their server otherwise"},
		{0, "mac,rule\n0021f2011b19,htp://s3cret/\n", "p.csv:2: rule: want one that Flying Voice phones take"},
		{3, "mac\n0021f2011b19\n0021f2011b1a\n", "devices: found 3, want at most 2, the phones of p.csv"},
		{2, "mac\n0021f2011b19\n0021f2011b1a\n0021f2011b1b\n", ""},
	} {
		s := listed(t, "phones: p.csv", c.rows)
		s.Devices = c.devices
		err := s.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret")) {
			t.Errorf("%q: error %v, want %q", c.rows, err, c.want)
		}
	}
	digests := []string{}
	for _, rows := range []string{"mac\n0021f2011b19\n", "mac\n0021f2011b1a\n", "vendor,mac\n,0021f2011b19\n"} {
		digests = append(digests, listed(t, "phones: p.csv", rows).Digest())
	}
	if digests[0] == digests[1] || digests[0] != digests[2] {
		t.Errorf("digests %v, want those of equal phones equal", digests)
	}
}

func FuzzReadPhones(f *testing.F) {
	f.Add("mac,vendor,product,serial,server,rule,ip,cert,key\n805ec0d57d72,yealink,T46S,1,http://h/,,192.0.2.1,a,b\n")
	f.Add("\ufeffmac\r\n\"0021f2011b19\"\r\n")
	f.Add("rule\n\"a \"\"b\"\"\"\n\"x")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadPhones("p.csv", strings.NewReader(text))
		var faults *Error
		if err != nil {
			if !errors.As(err, &faults) || len(faults.Faults) > maxFaults {
				t.Fatalf("error %v", err)
			}
			return
		}
		var written bytes.Buffer
		if err := WritePhones(&written, all(list)); err != nil {
			t.Fatal(err)
		}
		again, err := ReadPhones("p.csv", &written)
		if err != nil {
			t.Fatalf("%q does not read again: %v", written.String(), err)
		}
		if !slices.Equal(all(list), all(again)) || list.sum != again.sum {
			t.Fatalf("found %+v, wrote %+v", all(list), all(again))
		}
	})
}
