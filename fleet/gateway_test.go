package fleet

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// Phones behind a gateway ask below the number of their lease and nowhere else. Where an
// event is late, phones of the older generation heal 20 seconds later, as application, and
// those of the younger one are lost until their next boot (SMG-SEQ-1, smg.md section 9).
func TestGatewayThatIsLate(t *testing.T) {
	s := parse(t, `
devices: 60
duration: 1h
population: {products: [{vendor: polycom, product: SPIP_450}, {vendor: polycom, product: VVX_500}]}
gateway: {event: 20ms, delay: 5s}
phases: [{batch: 1, every: 25s}]
`)
	records := &journal.Memory{}
	r := plan(t, s, Options{Journal: records})
	young := map[device.MAC]bool{}
	numbers := map[string]device.MAC{}
	for _, e := range records.Records {
		young[e.Device] = young[e.Device] || e.Kind == device.Booted && strings.Contains(e.Note, "VVX_500")
		if e.Kind != device.Transferred {
			continue
		}
		number := e.URL[len(filesBase)+1:][:18]
		if owner, known := numbers[number]; known && owner != e.Device {
			t.Fatalf("%v asks below the number of %v", e.Device, owner)
		}
		numbers[number] = e.Device
	}
	lost := map[device.MAC]bool{}
	for _, e := range records.Records {
		if e.Kind == device.ResyncDone && e.Outcome == resync.NoMaster {
			lost[e.Device] = true
		}
	}
	g := r.Tally.Totals().Gateway
	if g.Leases != 60 || g.Published != 60 || g.Early != 60 || g.Never != 0 || len(numbers) != 60 || g.Late == nil {
		t.Fatalf("%+v and %d numbers, want all phones early and none without its files", g, len(numbers))
	}
	if late := time.Duration(g.Late.Max); late < 2*time.Second || late > 3*time.Second { // asked 3 s after the lease
		t.Errorf("the files came %v late, want 5 s after the lease less the 3 s before the first request", late)
	}
	if len(lost) == 0 || len(lost) == 60 {
		t.Fatalf("%d phones were lost, want those of one generation", len(lost))
	}
	for mac := range young {
		if lost[mac] != young[mac] {
			t.Errorf("%v, of the younger generation %v, was lost %v", mac, young[mac], lost[mac])
		}
	}
}

// An application with a lease of its own has two numbers and two events in one boot; the
// second tree takes the place of the first, and the phone is provisioned from it (smg.md
// section 9, PC-SRC-7).
func TestTwoLeasesInABoot(t *testing.T) {
	records := &journal.Memory{}
	r := plan(t, parse(t, "devices: 20\nduration: 1h\npopulation: {quirks: [app-dhcp], products: [{vendor: polycom, product: SPIP_450}]}\ngateway: {}\nphases: [{over: 5m}]\n"), Options{Journal: records})
	totals := r.Tally.Totals()
	good := totals.Outcomes[resync.Resync][resync.Applied] + totals.Outcomes[resync.Resync][resync.Unchanged]
	if g := totals.Gateway; g.Leases != 40 || g.Events != 40 || g.Published != 40 || good != 20 {
		t.Errorf("%+v and %v, want two leases and two trees for each of 20 provisioned phones", g, totals.Outcomes[resync.Resync])
	}
	story := map[device.MAC]string{}
	number := map[device.MAC]string{}
	for _, e := range records.Records {
		switch of := number[e.Device]; {
		case e.Kind == device.Leased:
			_, rest, _ := strings.Cut(e.Note, filesBase+"/")
			number[e.Device] = rest[:18]
			story[e.Device] += " lease"
			if of == rest[:18] {
				story[e.Device] += " of the same number"
			}
		case e.Kind == device.Transferred || e.Kind == device.ResyncDone:
			word := "."
			if !strings.HasPrefix(e.URL, filesBase+"/"+of+"/") {
				word = " elsewhere"
			}
			story[e.Device] += word
		}
	}
	for mac, got := range story {
		if got != " lease...... lease............" { // 6 requests as bootROM, 12 as application
			t.Errorf("%v:%s", mac, got)
		}
	}
}

// Events that the gateway drops, or the network loses, cost the phone its boot; nothing
// else does (SMG-EVT-5).
func TestGatewayThatLosesEvents(t *testing.T) {
	for text, want := range map[string]struct{ dropped, lost uint64 }{
		"phases: [{over: 20m}]\ngateway: {lost: 25%}\n": {0, 50},
		"gateway: {event: 300ms}\n":                     {200 - 64, 0}, // all at once: 64 wait, for 20 s
		"phases: [{over: 20m}]\ngateway: {}\n":          {0, 0},
	} {
		r := plan(t, parse(t, "devices: 200\nduration: 1h\npopulation: {vendor: polycom}\n"+text), Options{})
		totals := r.Tally.Totals()
		g, noMaster := totals.Gateway, totals.Outcomes[resync.Resync][resync.NoMaster]
		if g.Dropped != want.dropped || g.Lost != want.lost || g.Events != 200-want.dropped-want.lost || g.Published != g.Events || g.Never != want.dropped+want.lost {
			t.Errorf("%s: %+v, want %+v", text, g, want)
		}
		if noMaster != g.Never {
			t.Errorf("%s: %d boots without a master file, and %d whose files never came", text, noMaster, g.Never)
		}
	}
}

// A plan behind a gateway is the same each time, and its shards make the whole.
func TestGatewayPlanIsRepeatable(t *testing.T) {
	const text = "devices: 100\nduration: 30m\nseed: 7\npopulation: {vendor: polycom}\ngateway: {event: 100ms}\nphases: [{over: 5s}]\n"
	whole := plan(t, parse(t, text), Options{}).Tally.Totals()
	again := plan(t, parse(t, text), Options{}).Tally.Totals()
	if diff := cmp.Diff(whole.Gateway, again.Gateway); diff != "" || whole.Gateway.Early == 0 {
		t.Errorf("two runs differ, or no phone was early: %s", diff)
	}
	merged := plan(t, parse(t, text), Options{Shard: Shard{Index: 1, Count: 2}}).Tally.Totals()
	first := plan(t, parse(t, text), Options{Shard: Shard{Index: 0, Count: 2}}).Tally.Totals()
	if err := merged.Merge(first); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole.Gateway, merged.Gateway); diff != "" || merged.Outcomes != whole.Outcomes {
		t.Errorf("the shards make another run: %s\n%v\n%v", diff, whole.Outcomes, merged.Outcomes)
	}
}

// Phones boot through one gateway whose queue overflows when power comes back for all of
// them: the report's counts add up.
func TestGatewayPowerCutExample(t *testing.T) {
	s := small(t, "gateway-power-cut", 1000)
	s.Events[0].PowerCut.Over /= 5 // as many a second as in the whole
	r := plan(t, s, Options{})
	totals := r.Tally.Totals()
	g := totals.Gateway
	if g.Leases != 2000 || g.Dropped == 0 || g.Events+g.Dropped != 2000 || g.Published != g.Events || g.Never != g.Dropped {
		t.Errorf("%+v, want an event for each of two boots, sent or dropped", g)
	}
	// Lost are those whose event was dropped, and of the others the younger phones that
	// were early: a quarter of all.
	noMaster := totals.Outcomes[resync.Resync][resync.NoMaster]
	if young := noMaster - g.Dropped; young < g.Late.Count/6 || young > g.Late.Count/3 {
		t.Errorf("%d boots without a master file with %d dropped events and %d late ones", noMaster, g.Dropped, g.Late.Count)
	}
	if p := totals.Summary(r.Run(), nil).Provisioned; uint64(p.Count)+noMaster != 1000 {
		t.Errorf("%d provisioned and %d lost, want 1,000 in all", p.Count, noMaster)
	}
}
