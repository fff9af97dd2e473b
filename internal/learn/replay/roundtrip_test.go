package replay

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/fleet"
	"provsim/fleet/inventory"
	"provsim/internal/journal"
	"provsim/internal/learn"
	"provsim/internal/learn/logs"
	"provsim/internal/learn/result"
	"provsim/resync"
)

var begin = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)

// played is a plan's log: what learn found in it, and the truth.
type played struct {
	found   *learn.Findings
	devices *inventory.Inventory
	causes  map[bool]int // resyncs that the server answered, of boots and of others
	rounded float64      // seconds by which the log's times may be off, where they count
}

// causes counts the resyncs that began, by whether a boot was their cause.
type causes map[bool]int

func (c causes) Add(r *fleet.Record) error {
	if r.Kind == device.ResyncStart {
		if r.Cause == resync.AtBoot || r.Cause == resync.Periodic {
			c[r.Cause == resync.AtBoot]++
		}
	}
	return nil
}

// play runs a scenario in virtual time and learns from the log of its server, in lines
// of nginx's combined format with the time of the request.
func play(t *testing.T, text string) *played {
	t.Helper()
	s, err := fleet.ParseScenario("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	devices, err := fleet.NewInventory(s, fleet.Shard{})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	counts := causes{}
	sink := &Sink{Devices: devices.ByTurn(), Begin: begin, Take: func(e *logs.Entry) { log.WriteString(line(e)) }}
	if _, err := fleet.Plan(t.Context(), s, fleet.Options{Journal: journal.Tee(sink, counts)}); err != nil {
		t.Fatal(err)
	}
	return &played{found: learnt(t, &log), devices: devices, causes: counts}
}

// line writes an entry as nginx does, at its end, or as dnsmasq.
func line(e *logs.Entry) string {
	if e.Kind == logs.TFTP {
		said := "sent /srv/tftp%s to %s"
		if e.Status == 404 {
			said = "file /srv/tftp%s not found for %s"
		}
		return fmt.Sprintf("%s dnsmasq-tftp[5]: "+said+"\n", time.UnixMicro(e.At).UTC().Format(time.Stamp), e.Path, e.Address)
	}
	end := time.UnixMicro(e.At + max(0, e.Took)).UTC()
	return fmt.Sprintf("%s - - [%s] %q %d %d \"-\" %q %.3f\n", e.Address, end.Format("02/Jan/2006:15:04:05 -0700"),
		fmt.Sprintf("%s %s HTTP/1.1", e.Method, e.Path), e.Status, max(0, e.Size), e.Agent, float64(max(0, e.Took))/1e6)
}

const tftpOffice = `
seed: 3
devices: 200
duration: 4h
population:
  option66: 192.0.2.1
  products:
    - {vendor: yealink, product: T46S}
    - {vendor: cisco-spa, product: SPA504G}
  settings:
    - set:
        static.auto_provision.repeat.enable: 1
        static.auto_provision.repeat.minutes: 30
        Resync_Periodic: 3600
phases: [{over: 30m}]
events:
  - {at: 3h, power-cut: {for: 10m}}
`

// A log of a TFTP server alone gives a scenario that runs: its wave is that of the log, and
// what the log does not tell about the server is marked as a default.
func TestRoundTripOverTFTP(t *testing.T) {
	t.Parallel()
	p := play(t, tftpOffice)
	if f := p.found; f.Phones != 200 || f.Counts.TFTP != f.Counts.Requests || f.Counts.Timed != 0 {
		t.Errorf("found %d phones, %+v", f.Phones, f.Counts)
	}
	text := string(result.Scenario(p.found))
	if strings.Contains(text, "http") || strings.Count(text, "# a default") != 3 {
		t.Errorf("want a model of a TFTP server with three defaults:\n%s", text)
	}
	p.model(t)
}

func learnt(t *testing.T, log *bytes.Buffer) *learn.Findings {
	t.Helper()
	set, err := logs.Open([]string{"-"}, log, logs.Options{Now: begin})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	l := learn.New()
	for {
		e, err := set.Next()
		if err != nil {
			break
		}
		l.Add(e)
	}
	return l.Findings()
}

const office = `
seed: 3
devices: 800
duration: 5h
population:
  option66: http://192.0.2.1/p/
  products:
    - {vendor: flyingvoice, product: IP542N, weight: 3}
    - {vendor: cisco-spa, product: SPA504G, weight: 2}
    - {vendor: yealink, product: T46S, weight: 3}
    - {vendor: yealink, product: T48S, weight: 1}
    - {vendor: snom, product: D785, weight: 1}
    - {vendor: grandstream, product: GXP2170, weight: 2}
    - {vendor: fanvil, product: X4, weight: 1}
    - {vendor: polycom, product: VVX_500, weight: 1}
  settings:
    - set:
        DBID_RESYNC_PERIODIC: 3600
        Resync_Periodic: 1800
        DBID_RESYNC_RANDOM_DELAY: 40
        static.auto_provision.repeat.enable: 1
        static.auto_provision.repeat.minutes: 30
        settings_refresh_timer: 300
        P194: 1
        P193: 60
        Flash Mode: 2
        Flash Interval: 1
        prov.polling.enabled: 1
        prov.polling.mode: rel
        prov.polling.period: 3660
configuration:
  missing: 2%
phases: [{over: 1h}]
events:
  - {at: 3h, power-cut: {for: 10m}}
  - {at: 2h, outage: {for: 5m}}
server:
  http: {resync: {shape: lognormal, median: 4ms, p99: 20ms}}
`

// A fleet of seven vendors with known parameters is found again in its server's log: who
// the phones are, their periods and their delay, boots against polls, the power cut and
// the outage.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	p := play(t, office)
	f := p.found
	right := 0
	truth := map[device.MAC][2]string{}
	for i := range p.devices.Len() {
		truth[p.devices.MAC(i)] = [2]string{p.devices.ModelOf(i).Personality.Name, p.devices.Product(i).Name}
	}
	for _, phone := range f.List {
		if truth[phone.MAC] == [2]string{phone.Vendor.Name, phone.Product} {
			right++
		}
	}
	if right*100 < 99*p.devices.Len() {
		t.Errorf("%d of %d phones are recognised, want 99%%", right, p.devices.Len())
	}
	want := map[string]time.Duration{
		"flyingvoice": time.Hour, "cisco-spa": 30 * time.Minute, "yealink": 30 * time.Minute, "snom": 5 * time.Minute,
		"grandstream": time.Hour, "fanvil": time.Hour, "polycom": 61 * time.Minute,
	}
	for _, v := range f.Vendors {
		if len(v.Periods) == 0 || math.Abs(v.Periods[0].Period.Duration().Seconds()/want[v.Name].Seconds()-1) > 0.02 {
			t.Errorf("%s: periods %v, want %v", v.Name, v.Periods, want[v.Name])
		}
	}
	p.times(t)
	p.boots(t)
	p.model(t)
}

// off reports whether two instants are more than ten seconds apart.
func off(at time.Time, want time.Duration) bool {
	return at.Sub(begin.Add(want)).Abs() > 10*time.Second
}

// times holds the delay, the power cut and the outage against the scenario.
func (p *played) times(t *testing.T) {
	f := p.found
	for _, v := range f.Vendors {
		if v.Name == "flyingvoice" && math.Abs(float64(v.Delay)/40-1) > 0.15 {
			t.Errorf("random delay %v, want 40 s", v.Delay)
		}
	}
	cut := result.Largest(f)
	if cut == nil || off(cut.At, 3*time.Hour+10*time.Minute) || off(cut.Cut, 3*time.Hour) || cut.Phones < 95*p.devices.Len()/100 {
		t.Errorf("the power cut is %+v", cut.At)
	}
	if n := len(f.Outages); n != 2 || f.Outages[0].Kind != learn.ServerDown || off(f.Outages[0].From, 2*time.Hour) || off(f.Outages[0].Until, 2*time.Hour+5*time.Minute) {
		t.Errorf("outages %+v", f.Outages)
	}
}

// boots holds the numbers of boots and polls against the journal.
func (p *played) boots(t *testing.T) {
	boots, polls := 0, 0
	for _, v := range p.found.Vendors {
		boots, polls = boots+v.Boots, polls+v.Polls
	}
	// The first boot of a phone is not seen to be one.
	wantBoots, wantPolls := p.causes[true]-p.devices.Len(), p.causes[false]
	if math.Abs(float64(boots)/float64(wantBoots)-1) > 0.05 || math.Abs(float64(polls)/float64(wantPolls)-1) > 0.05 {
		t.Errorf("found %d boots and %d polls, want %d and %d", boots, polls, wantBoots, wantPolls)
	}
}

// model plans the scenario that was learnt: its wave is that of the log.
func (p *played) model(t *testing.T) {
	text := result.Scenario(p.found)
	s, err := fleet.ParseScenario("scenario.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var phones bytes.Buffer
	if err := result.Phones(&phones, p.found); err != nil {
		t.Fatal(err)
	}
	if s.Population.List, err = fleet.ReadPhones("phones.csv", &phones); err != nil {
		t.Fatal(err)
	}
	w, err := Play(t.Context(), s, fleet.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	logged := result.Largest(p.found)
	if few(w.Peak10-logged.Peak10, logged.Peak10) > 0.15 {
		t.Errorf("peak: %v in the log, %v in the plan\n%s", logged.Peak10, w.Peak10, text)
	}
	if math.Abs(float64(w.Back90-logged.Back90)) > 0.15*float64(logged.Back90)+p.rounded {
		t.Errorf("time to 90 %%: %v in the log, %v in the plan\n%s", logged.Back90, w.Back90, text)
	}
}

// few returns what part of all a number is.
func few[T int | int64](n, all T) float64 { return math.Abs(float64(n)) / float64(all) }
