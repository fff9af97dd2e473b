package learn

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"provsim/internal/learn/logs"
)

// learnt returns the findings of lines of a log.
func learnt(t *testing.T, text string) *Findings {
	t.Helper()
	set, err := logs.Open([]string{"-"}, strings.NewReader(text), logs.Options{Now: time.Date(2026, 12, 30, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	l := New()
	for {
		e, err := set.Next()
		if err != nil {
			return l.Findings()
		}
		l.Add(e)
	}
}

// web is a line of an access log at a second of a day.
func web(second int, address, method, path string, status int, agent string) string {
	at := time.Date(2026, 11, 30, 0, 0, second, 0, time.UTC)
	return fmt.Sprintf("%s - - [%s] \"%s %s HTTP/1.1\" %d 100 \"-\" \"%s\"\n", address, at.Format("02/Jan/2006:15:04:05 -0700"), method, path, status, agent)
}

// The boot of a base whose log is public (YL-PLAN-7) is one run of one phone: it is
// recognised, and its two misses are expected.
func TestBootOfABase(t *testing.T) {
	const agent = "Yealink W52P 25.81.0.10 00:15:65:74:b1:50"
	text := ""
	for _, r := range []struct {
		at     int
		path   string
		status int
	}{
		{0, "001565 74b150.boot", 404}, {0, "y000000000000.boot", 404}, {0, "y000000000025.cfg", 200}, {8, "base.rom", 200},
		{11, "00156574b150.cfg", 200}, {19, "handset.rom", 200}, {20, "handset.rom", 200},
	} {
		text += web(r.at, "10.0.0.5", "GET", "/y/"+strings.ReplaceAll(r.path, " ", ""), r.status, agent)
	}
	f := learnt(t, text)
	if len(f.List) != 1 || f.List[0].MAC.String() != "00156574b150" || f.List[0].Product != "W52P" || f.List[0].Software != "25.81.0.10" || f.Vendors[0].Name != "yealink" {
		t.Fatalf("found %+v", f.List)
	}
	for _, n := range f.Names {
		if want := n.Name == "{mac}.boot" || n.Name == "y000000000000.boot"; want != (n.Kind == Expected) {
			t.Errorf("%s is %s", n.Name, n.Kind)
		}
		if strings.HasSuffix(n.Name, ".rom") && n.Class != "image" {
			t.Errorf("%s is of class %s", n.Name, n.Class)
		}
	}
	if h := f.Hours[0]; h.Runs != 1 || h.Requests != 7 || h.Missed != 2 {
		t.Errorf("the hour has %+v, want one run of seven requests", h)
	}
}

// Boots of Polycom phones of three firmwares are one run each of one phone, although most
// requests say no address: the loader's come before the first that does.
func TestBootsOfPolycomPhones(t *testing.T) {
	text := ""
	second := 0
	for i, boot := range []struct{ mac, agents, paths string }{
		{"0004f21a2457", "FileTransport PolycomSoundPointIP-SPIP_450-UA/4.2.2.0710|FileTransport PolycomSoundPointIP-SPIP_450-UA/3.2.3.1734",
			"2345-12450-001.bootrom.ld bootrom.ld M.cfg 2345-12450-001.sip.ld sip.ld |bootrom.ld M.cfg sip.ld phone-M.cfg phone1.cfg sip.cfg M-directory.xml 000000000000-directory.xml M-phone.cfg"},
		{"0004f2aaaaaa", "FileTransport PolycomSoundPointIP-SPIP_550-UA/4.0.15.1009",
			"M.cfg 2345-12500-001.sip.ld sip.ld phone-M.cfg M-phone.cfg M-web.cfg 000000000000-license.cfg M-license.cfg M-directory.xml"},
		{"0004f282e824", "FileTransport PolycomVVX-VVX_500-UA/5.9.7.47435 Type/Updater|FileTransport PolycomVVX-VVX_500-UA/5.9.7.4477 (SN:0004f282e824) Type/Application",
			"M.cfg |M.cfg 3111-44500-001.sip.ld phone-M.cfg M-web.cfg M-license.cfg M-calls.xml M-directory.xml"},
	} {
		agents := strings.Split(boot.agents, "|")
		for stage, paths := range strings.Split(boot.paths, "|") {
			for _, path := range strings.Fields(paths) {
				status := 200
				if strings.HasPrefix(path, "2345") || strings.Contains(path, "directory") {
					status = 404
				}
				text += web(second, fmt.Sprintf("10.0.0.%d", i+5), "GET", "/p/"+strings.ReplaceAll(path, "M", boot.mac), status, agents[stage])
				second++
			}
			second += 20
		}
		second += 100
	}
	f := learnt(t, text)
	if len(f.List) != 3 || f.Unnamed != 0 {
		t.Fatalf("found %+v, %d without name", f.List, f.Unnamed)
	}
	for i, want := range []string{"0004f21a2457 SPIP_450 3.2.3.1734", "0004f282e824 VVX_500 5.9.7.4477", "0004f2aaaaaa SPIP_550 4.0.15.1009"} {
		p := f.List[i]
		if got := fmt.Sprint(p.MAC, " ", p.Product, " ", p.Software); got != want {
			t.Errorf("found %s, want %s", got, want)
		}
	}
	runs := int64(0)
	for _, h := range f.Hours {
		runs += h.Runs
	}
	if runs != 3 || len(f.Campaigns) != 0 || f.Counts.Strangers != 0 {
		t.Errorf("%d runs, want 3; campaigns %v; %d requests of strangers", runs, f.Campaigns, f.Counts.Strangers)
	}
}

// Who says nothing over TFTP is known by the lease of the address, and where there is
// none by the address alone.
func TestTFTPByLeases(t *testing.T) {
	f := learnt(t, `Nov 30 08:00:00 dnsmasq-dhcp[5]: 7 vendor class: Cisco SPA504G
Nov 30 08:00:00 dnsmasq-dhcp[5]: 7 DHCPACK(eth0) 10.0.0.5 00:0e:08:ab:cd:ef
Nov 30 08:00:03 dnsmasq-tftp[5]: sent /srv/tftp/spa504G.cfg to 10.0.0.5
Nov 30 08:00:04 dnsmasq-tftp[5]: sent /srv/tftp/000e08abcdee.cfg to 10.0.0.7
Nov 30 08:00:05 dnsmasq-tftp[5]: sent /srv/tftp/spa504G.cfg to 10.0.0.6
Nov 30 08:00:05 dnsmasq-tftp[5]: sent /srv/tftp/pxelinux.0 to 10.0.0.9
`)
	var got []string
	for _, p := range f.List {
		got = append(got, fmt.Sprintf("%v %s %s", p.MAC, p.Vendor.Name, p.Product))
	}
	if want := "000000000000 cisco-spa SPA504G, 000e08abcdee cisco-spa , 000e08abcdef cisco-spa SPA504G"; strings.Join(got, ", ") != want || f.Unnamed != 1 || f.Counts.Strangers != 1 {
		t.Errorf("found %q with %d unnamed and %d strangers, want %q", got, f.Unnamed, f.Counts.Strangers, want)
	}
}

// A miss that another line tells takes back what the line about the request said.
func TestMissesOfTFTPServers(t *testing.T) {
	text := ""
	for i := range 20 {
		mac := fmt.Sprintf("001565000%03x", i)
		text += fmt.Sprintf("Nov 30 08:00:%02d vm in.tftpd[%d]: RRQ from 10.0.0.%d filename %s.boot\n", i, i, i, mac)
		text += fmt.Sprintf("Nov 30 08:00:%02d vm in.tftpd[%d]: sending NAK (1, File not found) to 10.0.0.%d\n", i, i, i)
		text += fmt.Sprintf("Nov 30 08:00:%02d vm in.tftpd[%d]: RRQ from 10.0.0.%d filename %s.cfg\n", i, 100+i, i, mac)
		if i == 3 {
			text += fmt.Sprintf("Nov 30 08:00:%02d vm in.tftpd[%d]: sending NAK (1, File not found) to 10.0.0.%d\n", i, 100+i, i)
		}
	}
	f := learnt(t, text)
	if f.Phones != 19 || f.Unserved != 1 || f.Counts.TFTP != 40 { // the one without a file does not say who it is
		t.Errorf("%d phones, %d unserved, %d requests", f.Phones, f.Unserved, f.Counts.TFTP)
	}
	for _, n := range f.Names {
		if want := map[string]int64{"{mac}.boot": 20, "{mac}.cfg": 1}[n.Name]; n.Missed != want {
			t.Errorf("%+v, want %d missed", n, want)
		}
	}
}

// Phones that only boot have no period, although all of them come again after the same
// time: both power cuts are found.
func TestPowerCutsOfPhonesThatDoNotPoll(t *testing.T) {
	const phones, hour, end = 60, 3600, 120
	var text strings.Builder
	for at := range end {
		text.WriteString(web(at*hour, "10.0.1.1", "GET", "/00a859abcdef.cfg", 200, "Fanvil X4 2.10.2.6887 00a859abcdef"))
		for i := range phones {
			second := i // both power cuts
			switch at {
			case 0:
				second = 30 * i // they are switched on for the first time
			case 30, 70:
			default:
				continue
			}
			text.WriteString(web(at*hour+1+second, fmt.Sprintf("10.0.0.%d", i), "GET", fmt.Sprintf("/0015650000%02x.cfg", i), 200, fmt.Sprintf("Yealink SIP-T46S 66.86.0.15 00:15:65:00:00:%02x", i)))
		}
	}
	f := learnt(t, text.String())
	const most = phones * 95 / 100
	if len(f.Waves) != 2 || f.Waves[0].Phones < most || f.Waves[1].Phones < most {
		t.Errorf("waves %+v, want two of %d phones", f.Waves, phones)
	}
	for _, v := range f.Vendors {
		if v.Name == "yealink" && (len(v.Periods) != 0 || v.Boots != 2*phones || v.Polls != 0) {
			t.Errorf("periods %v, %d boots and %d polls, want no period and %d boots", v.Periods, v.Boots, v.Polls, 2*phones)
		}
	}
}

// The length of an even spread does not go by how many phones show it.
func TestBetween(t *testing.T) {
	for _, n := range []int{10, 39, 40, 1000} {
		all := make([]time.Duration, n)
		for i := range all {
			all[i] = 40 * time.Second * time.Duration(i+1) / time.Duration(n+1)
		}
		if got := between(all); (got - 40*time.Second).Abs() > time.Millisecond {
			t.Errorf("%d phones show %v, want 40s", n, got)
		}
	}
}

// A ban is found with the misses before it and its length. A server that refuses those who
// ask is not down, and an address that was never answered is not banned.
func TestBans(t *testing.T) {
	const agent = "Fanvil X4 2.10.2.6887 00a859abcdef"
	text := web(0, "10.0.0.5", "GET", "/00a859abcdef.cfg", 200, agent)
	for i := range 6 {
		text += web(10+i, "10.0.0.5", "GET", "/x.cfg", 404, agent)
	}
	for i := range 10 {
		text += web(20+30*i, "10.0.0.5", "GET", "/00a859abcdef.cfg", 403, agent)
		text += web(20+30*i, "10.0.0.6", "GET", "/00a859abcdee.cfg", 403, "Fanvil X4 2.10.2.6887 00a859abcdee")
	}
	text += web(620, "10.0.0.5", "GET", "/00a859abcdef.cfg", 200, agent)
	f := learnt(t, text)
	if len(f.Bans) != 1 || f.Bans[0].Misses != 6 || f.Bans[0].Lasted != 600 || f.Bans[0].Status != 403 || len(f.Outages) != 0 {
		t.Errorf("found %+v and outages %+v", f.Bans, f.Outages)
	}
}

// Refusals neither make an outage nor hide one.
func TestRefusalsInAnOutage(t *testing.T) {
	const agent = "Fanvil X4 2.10.2.6887 00a859abcd%02x"
	text := ""
	for i := range 60 {
		status := 200
		if i >= 20 && i < 40 {
			status = 502
		}
		text += web(2*i, "10.0.0.5", "GET", "/x.cfg", status, fmt.Sprintf(agent, i)) + web(2*i+1, "10.0.0.6", "GET", "/x.cfg", 403, fmt.Sprintf(agent, 99))
	}
	f := learnt(t, text)
	if len(f.Outages) != 1 || f.Outages[0].Errors != 20 || f.Outages[0].Until.Sub(f.Outages[0].From) != 40*time.Second {
		t.Errorf("found %+v, want one of 20 errors in 40 s", f.Outages)
	}
}

// A change of firmware is a campaign, with its phones.
func TestCampaign(t *testing.T) {
	text := ""
	for hour, version := range []string{"2.10.2.1", "2.10.2.1", "2.12.0.7", "2.12.0.7"} {
		for i := range 5 {
			mac := fmt.Sprintf("00a859abcd%02x", i)
			text += web(3600*hour+i, "10.0.0.5", "GET", "/"+mac+".cfg", 200, "Fanvil X4 "+version+" "+mac)
		}
	}
	f := learnt(t, text)
	if len(f.Campaigns) != 1 || f.Campaigns[0].Phones != 5 || f.Campaigns[0].After != "2.12.0.7" || f.Campaigns[0].From.Hour() != 2 {
		t.Errorf("found %+v", f.Campaigns)
	}
	if len(f.Sites) != 1 || f.Sites[0] != (Site{5, 1}) {
		t.Errorf("sites %+v, want five phones behind one address", f.Sites)
	}
}

// Each request tells which of the phones behind one address sends it: by the User-Agent
// where it holds the phone's address, else by the name of the file.
func TestPhonesThatTakeTurns(t *testing.T) {
	const silent, says = "FileTransport PolycomVVX-VVX_500-UA/5.9.0.9373", "Yealink SIP-T46S 66.86.0.15 00:15:65:ab:cd:ef"
	text := ""
	for i := range 3 {
		text += web(10*i, "10.0.0.5", "GET", "/0004f2000001.cfg", 200, silent) +
			web(10*i+1, "10.0.0.5", "GET", "/0004f2000002.cfg", 200, silent) +
			web(10*i+2, "10.0.0.5", "GET", "/001565abcdef.cfg", 200, says) +
			web(10*i+3, "10.0.0.5", "GET", "/y000000000066.cfg", 200, says)
	}
	f := learnt(t, text)
	if f.Phones != 3 || f.Counts.Requests != 12 || f.Counts.Strangers != 0 || len(f.Sites) != 1 || f.Sites[0] != (Site{3, 1}) {
		t.Errorf("found %d phones, %+v, sites %+v", f.Phones, f.Counts, f.Sites)
	}
	for _, n := range f.Names {
		if want := map[string]int64{"polycom": 6, "yealink": 3}[n.Vendor]; n.Served != want {
			t.Errorf("%s of %s was served %d times, want %d", n.Name, n.Vendor, n.Served, want)
		}
	}
}

// A run counts as one that brought a configuration however many files it brought.
func TestRunOfManyFiles(t *testing.T) {
	const agent = "Fanvil X4 2.10.2.6887 00a859abcdef"
	text := ""
	for i := range 256 {
		text += web(i, "10.0.0.5", "GET", "/00a859abcdef.cfg", 200, agent)
	}
	text += web(3600, "10.0.0.5", "GET", "/00a859abcdef.cfg", 200, agent)
	if f := learnt(t, text); f.Vendors[0].Retries != 0 {
		t.Errorf("found %d retries, want none", f.Vendors[0].Retries)
	}
}

// Addresses that somebody makes up are no phones, whatever their number, and texts of a
// log do not come out of it as they are.
func TestHostileLogs(t *testing.T) {
	var b bytes.Buffer
	for i := range 3000 {
		b.WriteString(web(i, "10.0.0.9", "GET", fmt.Sprintf("/001565%06x.cfg?token=s3cret", i), 404, "-"))
	}
	evil := `\x1b[31m<script>alert(1)</script>`
	b.WriteString(web(3001, "10.0.0.8", "GET", "/"+evil, 404, evil))
	b.WriteString(web(3002, "10.0.0.8", "GET", "/p/a1b2c3d4e5f6a7b8c9d0e1f2a3b4.cfg", 200, "Yealink SIP-T46S"+evil+" 66.1.2.3 00:15:65:ab:cd:ef"))
	b.WriteString(web(3003, "10.0.0.8", "GET", "/p/s3cret%3fpassword=x", 200, "Yealink SIP-T46S 66.1.2.3 00:15:65:ab:cd:ef"))
	f := learnt(t, b.String())
	if f.Phones != 1 || f.Unserved != 3000 {
		t.Errorf("%d phones and %d made up, want 1 and 3000", f.Phones, f.Unserved)
	}
	for _, n := range f.Names {
		if strings.ContainsAny(n.Name, "\x1b?=") || strings.Contains(n.Name, "a1b2c3") || strings.Contains(n.Name, "password") {
			t.Errorf("the name %q comes out", n.Name)
		}
	}
	for _, p := range f.List {
		if strings.ContainsAny(p.Product+p.Software, "<>\\") {
			t.Errorf("the product %q comes out", p.Product)
		}
	}
}

// There is room for a bounded number of phones that have got nothing.
func TestRoomForMadeUpPhones(t *testing.T) {
	l := New()
	l.room = 5000
	e := logs.Entry{Kind: logs.Web, At: 1e15, Status: 404, Method: []byte("GET"), Address: []byte("10.0.0.1"), Took: -1, Size: -1}
	for i := range l.room + 1000 {
		e.At += 1000
		e.Path = fmt.Appendf(nil, "/00156%07x.cfg", i)
		l.Add(&e)
	}
	if f := l.Findings(); f.Refused != 1000 {
		t.Errorf("%d are left out, want 1000", f.Refused)
	}
}

// No log makes the learner fail.
func FuzzLearn(f *testing.F) {
	f.Add(web(0, "10.0.0.5", "GET", "/001565abcdef.boot", 404, "Yealink SIP-T46S 66.86.0.15 00:15:65:ab:cd:ef") + web(9000, "10.0.0.5", "PUT", "/001565abcdef.log", 500, "x"))
	f.Add("Nov 30 08:00:00 dnsmasq-tftp[5]: sent /srv/tftp/spa504G.cfg to 10.0.0.5\n")
	f.Fuzz(func(t *testing.T, text string) {
		set, err := logs.Open([]string{"-"}, strings.NewReader(text), logs.Options{Now: time.Date(2026, 12, 30, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return
		}
		defer set.Close()
		l := New()
		for {
			e, err := set.Next()
			if err != nil {
				break
			}
			l.Add(e)
		}
		l.Findings()
	})
}
