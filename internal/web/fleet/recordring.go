package fleet

import (
	"encoding/binary"
	"strings"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// The room for records: a number of bytes for each device, between two limits.
const (
	roomEach  = 4 << 10
	roomLeast = 1 << 20
	roomMost  = 64 << 20
)

// The most bytes that are kept of a record's texts. They may come from a server.
const mostURL, mostVersion, mostNote = 1024, 128, 512

// The lowest bits of a record's flags. The class and the method of a transfer are above
// them.
const flagLocal, flagExpected = 1, 2

// recordHead is the size in bytes of a record without its texts.
const recordHead = 70

// recordRing keeps the latest records of all devices in a ring of bytes, which the
// garbage collector does not have to look through. A position counts the bytes
// that were ever written, so that it tells whether a record is still there.
type recordRing struct {
	mu      sync.Mutex
	ring    []byte
	end     uint64   // the position behind the latest record
	latest  []uint64 // by device: the position behind its latest record; 0: none
	epoch   time.Time
	scratch []byte
}

func newRecordRing(devices int) *recordRing {
	return &recordRing{ring: make([]byte, min(max(devices*roomEach, roomLeast), roomMost)), latest: make([]uint64, devices)}
}

// add keeps a record of a device. It waits only for a reader that copies.
func (d *recordRing) add(index int, r *journal.Record) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if uint(index) >= uint(len(d.latest)) {
		return
	}
	if !r.Wall.IsZero() {
		d.epoch = r.Wall.Add(-r.T)
	}
	d.scratch = appendRecord(d.scratch[:0], d.latest[index], r)
	at := int(d.end % uint64(len(d.ring)))
	n := copy(d.ring[at:], d.scratch)
	copy(d.ring, d.scratch[n:])
	d.end += uint64(len(d.scratch))
	d.latest[index] = d.end
}

// appendRecord writes a record, its own length last: it is found from behind.
func appendRecord(b []byte, before uint64, r *journal.Record) []byte {
	url, version, note := cut(r.URL, mostURL), cut(r.Version, mostVersion), cut(r.Note, mostNote)
	b = append(append(append(b, url...), version...), note...)
	le := binary.LittleEndian
	b = le.AppendUint64(b, before)
	b = le.AppendUint64(b, uint64(r.T))
	b = le.AppendUint64(b, uint64(r.Due))
	b = le.AppendUint64(b, uint64(r.Took))
	b = le.AppendUint64(b, uint64(r.Bytes))
	b = le.AppendUint32(b, r.Seq)
	b = append(b, r.Device[:]...)
	b = append(b, byte(r.Kind), byte(r.Job), byte(r.Cause), byte(r.Outcome))
	b = le.AppendUint32(b, uint32(min(r.Tries, 1<<20)))
	flags := uint16(r.Method)<<8 | uint16(r.Class)<<4
	if r.Local {
		flags |= flagLocal
	}
	if r.Expected {
		flags |= flagExpected
	}
	b = le.AppendUint16(b, flags)
	b = le.AppendUint16(b, uint16(r.Status))
	b = le.AppendUint16(b, uint16(len(url)))
	b = le.AppendUint16(b, uint16(len(version)))
	b = le.AppendUint16(b, uint16(len(note)))
	return le.AppendUint16(b, uint16(len(url)+len(version)+len(note)))
}

// cut shortens a text to a number of bytes, between two characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// of returns up to most of a device's records, the newest first, and whether
// there were older ones.
func (d *recordRing) of(index, most int) (records []journal.Record, older bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for at := d.latest[index]; at > 0; {
		if len(records) == most {
			return records, true
		}
		r, before, ok := d.read(at)
		if !ok {
			return records, true
		}
		records = append(records, r)
		at = before
	}
	return records, false
}

// read returns the record that ends at a position, and where the one before it
// of the same device ends. It reports false where it was overwritten.
func (d *recordRing) read(end uint64) (r journal.Record, before uint64, ok bool) {
	var head [recordHead]byte
	if !d.copy(head[:], end) {
		return r, 0, false
	}
	le, h := binary.LittleEndian, head[:]
	before, r.T, r.Due, r.Took = le.Uint64(h), time.Duration(le.Uint64(h[8:])), time.Duration(le.Uint64(h[16:])), time.Duration(le.Uint64(h[24:]))
	r.Bytes, r.Seq = int64(le.Uint64(h[32:])), le.Uint32(h[40:])
	copy(r.Device[:], h[44:50])
	r.Kind, r.Job, r.Cause, r.Outcome = device.EventKind(h[50]), resync.Job(h[51]), resync.Cause(h[52]), resync.Outcome(h[53])
	r.Tries, r.Status = int(le.Uint32(h[54:])), int(le.Uint16(h[60:]))
	flags := le.Uint16(h[58:])
	r.Local, r.Expected = flags&flagLocal != 0, flags&flagExpected != 0
	r.Class, r.Method = device.Class(flags>>4&0xf), device.Method(flags>>8)
	url, version := int(le.Uint16(h[62:])), int(le.Uint16(h[64:]))
	texts := make([]byte, le.Uint16(h[68:]))
	if !d.copy(texts, end-recordHead) {
		return r, 0, false
	}
	r.URL, r.Version, r.Note = string(texts[:url]), string(texts[url:url+version]), string(texts[url+version:])
	if !d.epoch.IsZero() {
		r.Wall = d.epoch.Add(r.T)
	}
	return r, before, true
}

// copy fills b with the bytes before a position, if they are still there.
func (d *recordRing) copy(b []byte, end uint64) bool {
	from := end - uint64(len(b))
	if d.end-from > uint64(len(d.ring)) {
		return false
	}
	at := int(from % uint64(len(d.ring)))
	n := copy(b, d.ring[at:])
	copy(b[n:], d.ring)
	return true
}
