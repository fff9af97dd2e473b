package fleet

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/internal/tally"
)

// counted compares what is counted of products, the times to provision excepted.
var counted = cmpopts.IgnoreUnexported(tally.Product{})

// All phones of an office of five vendors are provisioned after a power cut, and their
// misses are those that the vendors' phones make in good order: two a boot of the
// Yealink kind (YL-PLAN-1, YL-PLAN-2).
func TestMixedOfficeExample(t *testing.T) {
	r := plan(t, small(t, "mixed-office", 300), Options{})
	keeps(t, r)
	list := r.Tally.Totals().Vendors()
	if len(list) != 5 {
		t.Fatalf("found the vendors %v, want five", list)
	}
	devices, requests := 0, uint64(0)
	for _, v := range list {
		devices, requests = devices+v.Devices, requests+v.Requests
		if v.Devices == 0 || v.Provisioned != v.Devices || v.Failed != 0 {
			t.Errorf("%+v, want all provisioned and no failure", v)
		}
		if boots := v.Vendor == "yealink" || v.Vendor == "flyingvoice-fip"; boots != (v.Missed > 0) || v.Missed%2 != 0 || boots && 2*v.Missed != v.Requests {
			t.Errorf("%+v, want two misses in four requests of those that look for boot files", v)
		}
	}
	all := uint64(0)
	for _, c := range r.Tally.Totals().Requests() {
		all += c.Count
	}
	products := r.Tally.Totals().Products
	for i := range products {
		p := &products[i]
		longest := 41 * time.Second // the random delay, which Cisco SPA phones have in units of 20 s
		if p.Vendor == "cisco-spa" {
			longest = 801 * time.Second
		}
		if h := p.Provision(); int(h.Count()) < p.Devices || h.Max() > longest || p.Boots < uint64(2*p.Devices) {
			t.Errorf("%s %s: %d of %d devices provisioned in up to %v after their power, %d boots", p.Vendor, p.Product, h.Count(), p.Devices, h.Max(), p.Boots)
		}
	}
	if len(products) != 9 || devices != 300 || requests != all {
		t.Errorf("%d devices with %d requests, want 300 with %d", devices, requests, all)
	}
}

// The addresses of a mixed fleet lead back to the devices, and begin as their vendors'
// do.
func TestAddressesOfAMixedFleet(t *testing.T) {
	for _, shard := range []Shard{{}, {Index: 1, Count: 3}} {
		v, err := NewInventory(small(t, "mixed-office", 300), shard)
		if err != nil {
			t.Fatal(err)
		}
		for i := range v.Len() {
			mac := v.MAC(i)
			if owner := v.ModelOf(i).Personality; v.Index(mac) != i || !owner.Owns(mac) || v.Identity(i).Serial != owner.Serial(mac) {
				t.Fatalf("device %d of %s: address %v of device %d", i, owner.Name, mac, v.Index(mac))
			}
		}
	}
}

// Shards of a mixed fleet, put together, are the whole, the counts by vendor included,
// and a device alone has the records that it has among all.
func TestMixedShardsAndReplay(t *testing.T) {
	s := small(t, "mixed-office", 90)
	s.Duration = 7 * time.Hour
	v := inventoryOf(t, s)
	var merged *tally.Totals
	for i := range 2 {
		r := plan(t, s, Options{Shard: Shard{Index: i, Count: 2}})
		if merged == nil {
			merged = r.Tally.Totals()
		} else if err := merged.Merge(r.Tally.Totals()); err != nil {
			t.Fatal(err)
		}
	}
	const which = 61
	var all, alone bytes.Buffer
	one := which
	whole := plan(t, s, Options{Journal: only{v.MAC(which), journal.NewJSON(&all)}}).Tally.Totals()
	plan(t, s, Options{Only: &one, Journal: journal.NewJSON(&alone)})
	if a, b := summary(t, whole), summary(t, merged); a != b {
		t.Errorf("the whole and its shards differ:\n%.500s\n%.500s", a, b)
	}
	if diff := cmp.Diff(whole.Products, merged.Products, counted); diff != "" {
		t.Errorf("by product (-whole +shards):\n%s", diff)
	}
	if all.Len() == 0 || !bytes.Equal(all.Bytes(), alone.Bytes()) {
		t.Errorf("%d bytes of records among all, %d alone; want the same", all.Len(), alone.Len())
	}
}

// treeNetwork is a network whose server has the files of the vendors' trees.
type treeNetwork struct{ *fileServer }

func (n treeNetwork) Start(_ time.Duration, req *device.Request, d run.Delivery) {
	file, outcome := n.find(0, d.Device(), req)
	if file == nil {
		d.Now(device.Reply{Outcome: outcome})
		return
	}
	d.Now(*file)
}

// A mixed fleet on the wall clock that was stopped and goes on does what it would have
// done, phone by phone, and counts by vendor what it would have counted.
func TestMixedRunGoesOn(t *testing.T) {
	s := small(t, "mixed-office", 60)
	s.Duration, s.Events = 3*time.Hour, s.Events[:1]
	s.Population.Option66 = "10.0.0.5"
	files, err := newFileServer(inventoryOf(t, s))
	if err != nil {
		t.Fatal(err)
	}
	network := treeNetwork{files}
	whole := log{}
	var want *Result
	synctest.Test(t, func(t *testing.T) {
		if want, err = Run(t.Context(), s, RunOptions{Options: Options{Journal: whole}, Network: network}); err != nil {
			t.Fatal(err)
		}
	})
	for _, v := range want.Tally.Totals().Vendors() {
		if v.Provisioned != v.Devices || v.Failed != 0 {
			t.Errorf("%+v, want all provisioned", v)
		}
	}
	const at = 70 * time.Minute
	synctest.Test(t, func(t *testing.T) {
		body := left(t, s, at, RunOptions{Network: network})
		part := log{}
		got, err := Run(t.Context(), s, RunOptions{Options: Options{Journal: part}, Network: network, Resume: read(t, body)})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole.after(at), part.after(0)); diff != "" {
			t.Errorf("went on (-) and was resumed (+):\n%.2000s", diff)
		}
		if diff := cmp.Diff(want.Tally.Totals().Products, got.Tally.Totals().Products, counted); diff != "" {
			t.Errorf("by product (-went on +resumed):\n%s", diff)
		}
	})
}
