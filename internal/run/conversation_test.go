package run

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/sched"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// talkative is firmware whose resync has six transfers: its own master file, which
// the server does not have, the common one, the files that it names, and a log.
type talkative struct {
	model *device.Model
	set   resync.Settings
	req   device.Request
	move  device.Move
	text  []byte
	after device.After
}

// paths are what it asks for, by the stage of the conversation.
var paths = []string{"", "/000000000000.cfg", "/phone1.cfg", "/site.cfg", "/sip.cfg", "/app.log"}

func (f *talkative) Config() profile.Config                 { return profile.Config{} }
func (f *talkative) Timers() *resync.Settings               { return &f.set }
func (f *talkative) Warnings() []string                     { return nil }
func (f *talkative) Wanted(*device.Device, resync.Job) bool { return false }

// Commit counts the files of a draft.
func (f *talkative) Commit(d *device.Draft, s device.Stored) (device.Stored, []device.Event) {
	files := 0
	for ; d != nil; d = d.Before {
		files++
	}
	s.Version = fmt.Sprintf("%d files", files)
	return s, nil
}

func (f *talkative) Next(d *device.Device, _ resync.Job, r *device.Reply) *device.Move {
	f.move = device.Move{Stage: d.Stage(), Draft: d.Draft()}
	m := &f.move
	last := uint8(len(paths) - 1)
	switch {
	case r == nil:
		return f.ask(d)
	case m.Stage == 0 && r.Outcome == resync.NotFound:
		m.Expected, m.ReplyNote = true, "no file of its own, the common one counts"
	case r.Outcome != resync.None:
		m.Outcome = r.Outcome
		return m
	case m.Stage == last && d.Stored().Version != "":
		m.Outcome = resync.Unchanged
		return m
	case m.Stage == last:
		m.Outcome, m.After = resync.Applied, f.after
		return m
	default:
		m.Draft = f.model.Memo.Draft(device.Draft{Before: m.Draft, File: f.file(r.Body)})
	}
	m.Stage++
	return f.ask(d)
}

func (f *talkative) file(body []byte) *device.File {
	return f.model.Memo.File(f.model, body, "", func() *device.File { return &device.File{Digest: string(body)} })
}

func (f *talkative) ask(d *device.Device) *device.Move {
	m := &f.move
	path := paths[m.Stage]
	f.req = device.Request{
		Target: profile.Target{Scheme: "http", Host: "192.0.2.1", Port: 80}, Job: resync.Resync,
		Limit: 1 << 20, Timeout: time.Minute, By: f.model.Personality,
	}
	switch int(m.Stage) {
	case 0:
		mac := d.MAC()
		f.text = append(hex.AppendEncode(append(f.text[:0], '/'), mac[:]), ".cfg"...)
		path = string(f.text)
	case len(paths) - 1:
		f.req.Method, f.req.Class, f.req.Type = device.Write, device.LogClass, "text/plain"
		f.req.Body = logText
	}
	f.req.Path = path
	m.Request, m.URL = &f.req, path
	return m
}

func logText() []byte { return []byte("a log\n") }

// tree is a server that answers by path.
type tree struct {
	files map[string]*device.Reply
	miss  device.Reply
	asked int
}

func newTree() *tree {
	t := &tree{files: map[string]*device.Reply{}, miss: device.Reply{Outcome: resync.NotFound, Status: 404}}
	for i, path := range paths[1:] {
		body := fmt.Appendf(nil, "FILE=%d\n", i)
		t.files[path] = &device.Reply{Body: body, Bytes: int64(len(body))}
	}
	return t
}

func (t *tree) Start(_ time.Duration, req *device.Request, d Delivery) {
	t.asked++
	r, ok := t.files[req.Path]
	if !ok {
		r = &t.miss
	}
	d.After(4*time.Millisecond, r)
}

func talkers(n int, after device.After) []device.Device {
	p := device.Personality{
		Name: "talkative", Serial: func(device.MAC) string { return "" }, Agent: func(device.Identity) string { return "" },
		Vars: func(device.Identity, device.Lease) macro.Vars { return macro.Map{} },
		Boot: func(m *device.Model, _ profile.Config) device.Firmware {
			return &talkative{model: m, after: after, set: resync.Settings{Jobs: [2]resync.Schedule{{
				Job: resync.Resync, AtBoot: resync.CausesOf(resync.PowerOn), Spread: time.Hour, FromBoot: true,
				Every: resync.Every(time.Hour), Retry: resync.Every(time.Hour),
			}}}}
		},
	}
	m := device.NewModel(&p, encrypt.Ciphers()[0])
	m.Seed, m.Memo = 1, device.NewMemo()
	product := &device.Product{Name: "X"}
	devices := make([]device.Device, n)
	for i := range devices {
		devices[i].Init(m, product, device.MAC{0, 4, 0xf2, byte(i >> 16), byte(i >> 8), byte(i)}, nil)
	}
	return devices
}

// talk runs talkers for a while and returns the lines of their journal without
// their instants.
func talk(t *testing.T, network Network, after device.After, until time.Duration) []string {
	var text strings.Builder
	d := New(Config{Clock: &sched.Virtual{}, Network: network, Journal: journal.NewText(&text), Lease: ownLease}, talkers(1, after))
	d.SwitchOn(0, 0)
	if err := d.Run(t.Context(), until); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(text.String()) {
		lines = append(lines, strings.Join(strings.Fields(line[24:]), " "))
	}
	return lines
}

// Each reply that does not end the job is a transfer event. The start has the first
// URL, the end the last one.
func TestJobOfManyTransfers(t *testing.T) {
	want := []string{
		"boot power-on, X",
		"lease 10.0.0.0",
		"resync.due boot",
		"resync.start boot, /0004f2000000.cfg",
		"transfer not-found, as expected, read, config, resync, /0004f2000000.cfg, took 4ms, no file of its own, the common one counts",
		"transfer read, config, resync, /000000000000.cfg, 7 bytes, took 4ms",
		"transfer read, config, resync, /phone1.cfg, 7 bytes, took 4ms",
		"transfer read, config, resync, /site.cfg, 7 bytes, took 4ms",
		"transfer read, config, resync, /sip.cfg, 7 bytes, took 4ms",
		"resync.done applied, /app.log, 7 bytes, took 24ms",
		"reboot config, back in 30s",
		"boot config, version 4 files, X",
	}
	if diff := cmp.Diff(want, talk(t, newTree(), device.Reboot, time.Hour)[:len(want)]); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
}

// A job whose result needs no reboot stores it at once, and the next one follows
// after Resync Periodic.
func TestNoRebootAfterReload(t *testing.T) {
	for _, after := range []device.After{device.Reload, device.Remain} {
		var ends []string
		for _, line := range talk(t, newTree(), after, 4*time.Hour) {
			if word, _, _ := strings.Cut(line, ","); strings.HasPrefix(word, "resync.d") || strings.HasPrefix(word, "reboot") {
				ends = append(ends, word)
			}
		}
		want := []string{
			"resync.due boot", "resync.done applied", "resync.due periodic", "resync.done unchanged",
			"resync.due periodic", "resync.done unchanged", "resync.due periodic", "resync.done unchanged",
		}
		if diff := cmp.Diff(want, ends); diff != "" {
			t.Errorf("after %d (-want +got):\n%s", after, diff)
		}
	}
}

// The failure of a later transfer ends the job, and nothing of it is stored.
func TestFailureInTheMiddle(t *testing.T) {
	server := newTree()
	delete(server.files, "/site.cfg")
	lines := talk(t, server, device.Reboot, time.Hour)
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "resync.done not-found, /site.cfg") {
		t.Errorf("the journal ends with %q, want resync.done not-found", last)
	}
}

// Only a phone's own file name makes garbage, once a job.
func TestConversationAllocatesNothing(t *testing.T) {
	const devices = 1000
	server := newTree()
	d := New(Config{Clock: &sched.Virtual{}, Network: server, Journal: &counter{}, Lease: ownLease}, talkers(devices, device.Reboot))
	for i := range devices {
		d.SwitchOn(i, 0)
	}
	until := 3 * time.Hour
	if err := d.Run(t.Context(), until); err != nil {
		t.Fatal(err)
	}
	const hours = 5
	asked := server.asked
	allocs := testing.AllocsPerRun(hours, func() {
		until += time.Hour
		if err := d.Run(t.Context(), until); err != nil {
			t.Fatal(err)
		}
	})
	transfers := float64(server.asked-asked) / (hours + 1)
	if each := allocs / transfers; each > 0.25 || transfers < 5*devices {
		t.Errorf("%.2f allocations for each of %.0f transfers, want at most 0.25 of at least %d", each, transfers, 5*devices)
	}
}

// BenchmarkTransfers is a day of phones whose resync has six transfers.
func BenchmarkTransfers(b *testing.B) {
	const n = 100_000
	for range b.N {
		server := newTree()
		d := New(Config{Clock: &sched.Virtual{}, Network: server, Journal: &counter{}, Lease: ownLease}, talkers(n, device.Reboot))
		for i := range n {
			d.SwitchOn(i, 0)
		}
		before := processorTime()
		if err := d.Run(b.Context(), 24*time.Hour); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64((processorTime()-before).Nanoseconds())/float64(server.asked), "cpu-ns/transfer")
	}
}
