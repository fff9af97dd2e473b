package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// running returns the machine of a device that is up.
func running(t interface{ Fatal(...any) }, at time.Duration) (m resync.Machine) {
	m.Step(&resync.Input{Kind: resync.Boot, Settings: &resync.Settings{Jobs: [2]resync.Schedule{{Job: resync.Resync, AtBoot: resync.AnyBoot}}}, Cause: resync.PowerOn}, nil)
	m.Step(&resync.Input{Kind: resync.Online, Now: at}, nil)
	m = m.Interrupted(at, true)
	form, err := m.MarshalBinary()
	if err == nil {
		err = m.UnmarshalBinary(form) // which has no settings, as one that was read
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// phones yields devices of few different contents, as those of a fleet.
func phones(t *rapid.T) []Phone {
	text := rapid.SampledFrom([]string{"", "5", "v3.4.0", "http://192.0.2.1/fw.bin", "\xff\x00"})
	configs := []profile.Config{{}}
	for _, value := range []string{"1", "\xfe=#"} {
		c, err := profile.Config{}.With("A", value)
		if err != nil {
			t.Fatal(err)
		}
		configs = append(configs, c)
	}
	config := rapid.SampledFrom(configs)
	phone := rapid.Custom(func(t *rapid.T) Phone {
		p := Phone{At: time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "at"))}
		p.Stored = &device.Stored{
			Config: config.Draw(t, "config"), Version: text.Draw(t, "version"), UpgradeURL: text.Draw(t, "URL"), Seen: text.Draw(t, "seen"), Software: text.Draw(t, "software"),
			Cause: rapid.SampledFrom([]resync.Cause{resync.NoCause, resync.Config, resync.Firmware, resync.Lease}).Draw(t, "cause"),
		}
		if rapid.Bool().Draw(t, "has succeeded") {
			p.Stored.LastSuccess = time.Unix(0, rapid.Int64().Draw(t, "success"))
		}
		p.UpAt, p.Lines = resync.Never, uint8(rapid.IntRange(0, 1<<device.Lines-1).Draw(t, "lines"))
		if rapid.Bool().Draw(t, "up") {
			p.Machine, p.InForce = running(t, p.At), config.Draw(t, "in force")
		} else if rapid.Bool().Draw(t, "starts") {
			p.UpAt = p.At + time.Second
		}
		p.Lease = rapid.SampledFrom([]device.Lease{
			{}, {Addr: netip.MustParseAddr("10.0.0.1"), Offer: device.TextOffer(66, "192.0.2.1")}, {Addr: netip.MustParseAddr("2001:db8::1")}, {Offer: device.TextOffer(66, "x")},
		}).Draw(t, "lease")
		p.Boots, p.Transfer, p.Seq = rapid.Uint32().Draw(t, "boots"), rapid.Uint32().Draw(t, "transfers"), rapid.Uint32().Draw(t, "events")
		return p
	})
	return rapid.SliceOfN(phone, 0, 20).Draw(t, "phones")
}

func written(phones []Phone, h Head, counts []byte) []byte {
	w := NewWriter(0)
	for i := range phones {
		w.Add(phones[i].At, &phones[i].Frozen)
	}
	return bytes.Join(w.Finish(h, counts), nil)
}

// flat is a phone in a form that can be compared.
func flat(t interface{ Fatal(...any) }, p *Phone) string {
	machine, err := p.Machine.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	s := p.Stored
	return fmt.Sprintf("%v %x %q %q %v %q %q %q %v %q %v %q %v %b %d %d %d", p.At, machine, s.Config.Append(nil), s.Version, s.Cause, s.UpgradeURL, s.Seen, s.Software,
		s.LastSuccess.UnixNano(), p.InForce.Append(nil), p.Lease.Addr, p.Lease.Offer.Encode(), p.UpAt, p.Lines, p.Boots, p.Transfer, p.Seq)
}

func flatAll(t interface{ Fatal(...any) }, c *Checkpoint) (all []string) {
	for _, p := range c.Phones() {
		all = append(all, flat(t, p))
	}
	return all
}

// What is read is what was written, device by device.
func TestReadWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := phones(t)
		head := Head{Scenario: "morning", Digest: "d1", Seed: 7, Shard: 1, Shards: 3, Started: 5, At: time.Hour, Ended: rapid.Bool().Draw(t, "ended")}
		c, err := Read(written(all, head, []byte("counts")))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for i := range all {
			want = append(want, flat(t, &all[i]))
		}
		if diff := cmp.Diff(want, flatAll(t, c)); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
		head.Format, head.Devices = Format, len(all)
		if c.Head != head || string(c.Counts) != "counts" {
			t.Fatalf("read %+v and %q, want %+v and the counts", c.Head, c.Counts, head)
		}
	})
}

// Equal memories are there once, in the file and when they are read, and take no
// room for each device. Certificates are not there at all.
func TestContentIsShared(t *testing.T) {
	const devices = 20_000
	config, err := profile.Config{}.With("DBID_SIP_ACCOUNT", strings.Repeat("23103", 200))
	if err != nil {
		t.Fatal(err)
	}
	all := make([]Phone, devices)
	for i := range all {
		all[i].Stored = &device.Stored{Config: config, Version: "5", Certificates: &device.Certificates{Key: []byte("secret")}}
		all[i].Machine, all[i].InForce, all[i].UpAt = running(t, time.Hour), config, resync.Never
		all[i].At, all[i].Boots, all[i].Transfer, all[i].Seq = time.Hour, 2, 30, 120
		all[i].Lease = device.Lease{Addr: netip.MustParseAddr("10.0.0.1"), Offer: device.TextOffer(66, "192.0.2.1")}
	}
	body := written(all, Head{At: time.Hour}, nil)
	if each := len(body) / devices; each > 60 {
		t.Errorf("a device takes %d bytes, want at most 60", each)
	}
	if bytes.Contains(body, []byte("secret")) {
		t.Error("a key is in the checkpoint")
	}
	c, err := Read(body)
	if err != nil {
		t.Fatal(err)
	}
	shared := map[*device.Stored]bool{}
	for _, p := range c.Phones() {
		shared[p.Stored] = true
	}
	if len(shared) != 1 {
		t.Errorf("%d memories were read, want one", len(shared))
	}
}

// small is a checkpoint of one device that is up, has a lease and has succeeded.
func small(t interface{ Fatal(...any) }) []byte {
	config, err := profile.Config{}.With("A", "1")
	if err != nil {
		t.Fatal(err)
	}
	p := Phone{At: time.Second, Frozen: device.Frozen{
		Stored: &device.Stored{Config: config, Version: "5", LastSuccess: time.Unix(1, 0)}, InForce: config, UpAt: resync.Never,
		Machine: running(t, time.Second), Lease: device.Lease{Addr: netip.MustParseAddr("10.0.0.1"), Offer: device.TextOffer(66, "x")}, Boots: 1, Transfer: 2, Seq: 3,
	}}
	return written([]Phone{p}, Head{At: time.Second, Shards: 1}, []byte("{}"))
}

// A body that is cut off anywhere, or that goes on, is refused.
func TestReadRefusesEveryPart(t *testing.T) {
	body := small(t)
	if _, err := Read(body); err != nil {
		t.Fatal(err)
	}
	for n := range body {
		if _, err := Read(body[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are no error", n, len(body))
		}
	}
	if _, err := Read(append(body, 0)); err == nil {
		t.Error("a byte behind the end is no error")
	}
}

func TestReadRefuses(t *testing.T) {
	head := func(change map[string]any) []byte {
		members := map[string]any{"format": Format, "devices": 1, "at": 5}
		for name, value := range change {
			members[name] = value
		}
		text, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		return append(text, '\n')
	}
	// Two texts: "" and "A=1\n"; a memory; a device without power; no counts.
	tables := []byte{2, 0, 4, 'A', '=', '1', '\n', 1, 1, 0, 0, 0, 0, 0}
	row := []byte{0, 0, 0, 0, 0, 0, 0, 2, 2, 0}
	whole := func(tables, row []byte) []byte { return append(append(append(head(nil), tables...), row...), 0) }
	if _, err := Read(whole(tables, row)); err != nil {
		t.Fatal(err)
	}
	with := func(b []byte, at int, value byte) []byte {
		b = bytes.Clone(b)
		b[at] = value
		return b
	}
	for _, tt := range []struct {
		rule string
		body []byte
		hint string
	}{
		{"nothing", nil, "no line of JSON"},
		{"no JSON", []byte("x\n"), "first line: invalid"},
		{"a later format", head(map[string]any{"format": 5}), "format 5, want 4"},
		{"more devices than there is room for", head(map[string]any{"devices": 1 << 40}), "devices in 0 bytes"},
		{"an instant before the run", append(head(map[string]any{"at": -1}), make([]byte, 99)...), "found the instant -1ns"},
		{"more texts than there is room for", append(head(nil), binary.AppendUvarint(make([]byte, 0, 99), 1<<40)[:20]...), "number of texts"},
		{"a text that is no configuration", whole(with(tables, 4, '!'), row), "configuration 1: "},
		{"a text that does not exist", whole(with(tables, 8, 2), row), "configuration 2, want at most 1"},
		{"a cause that does not exist", whole(with(tables, 13, 11), row), "cause 11"},
		{"flags that do not exist", whole(tables, with(row, 0, 16)), "device 0 of 1: found flags 16"},
		{"lines that do not exist", whole(tables, with(row, 1, 16)), "active lines 16"},
		{"a device of later", whole(tables, with(row, 2, 6)), "instant 6ns, want at most 5ns"},
		{"a memory that does not exist", whole(tables, with(row, 3, 1)), "memory 1, want at most 0"},
		{"a machine of another version", whole(tables, with(row, 8, 3)), "version 3"},
		{"up, and without a machine", whole(tables, append([]byte{1, 0, 0, 0, 0, 0, 0, 1}, row[7:]...)), "which the machine contradicts"},
		{"an address of three bytes", whole(tables, append([]byte{4, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 0}, row[7:]...)), "address of 3 bytes"},
		{"counts that are missing", whole(tables, row)[:len(head(nil))+len(tables)+len(row)], "bytes of counts"},
	} {
		if _, err := Read(tt.body); err == nil || !strings.Contains(err.Error(), tt.hint) {
			t.Errorf("%s: error %v, want %q in it", tt.rule, err, tt.hint)
		}
	}
}

// FuzzRead: what is read can be written, and read again, and is the same. Nothing
// that can be read panics when it is thawed.
func FuzzRead(f *testing.F) {
	f.Add(small(f))
	f.Add([]byte("{\"format\":4}\n\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := Read(body)
		if err != nil {
			return
		}
		again, err := Read(written(c.phones, c.Head, c.Counts))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(flatAll(t, c), flatAll(t, again)); diff != "" {
			t.Fatalf("written again:\n%s", diff)
		}
	})
}
