package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"time"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// Writer puts a checkpoint together. Make one with [NewWriter].
type Writer struct {
	texts    map[string]uint64
	configs  map[profile.Config]uint64 // the numbers of their texts
	memories map[memory]uint64
	textRows []byte // the table of texts
	memRows  []byte // the table of memories
	rows     []byte
	machine  []byte // room
	devices  int
}

// memory is what devices have stored, by the numbers of its texts. The time of
// the last success is each device's own.
type memory struct {
	config, version, url, seen, software uint64
	cause                                resync.Cause
}

// NewWriter returns a Writer of no devices. Size is how many bytes their rows will
// take, or 0 where it is unknown.
func NewWriter(size int) *Writer {
	return &Writer{
		texts: map[string]uint64{}, configs: map[profile.Config]uint64{}, memories: map[memory]uint64{},
		rows: make([]byte, 0, size),
	}
}

// Size returns how many bytes the rows take so far.
func (w *Writer) Size() int { return len(w.rows) }

// The flags in the first byte of a row.
const (
	rowUp      = 1 << iota // the firmware runs, and the number of its settings follows
	rowStarts              // it starts later, and the instant follows
	rowLeased              // the lease follows
	rowSuccess             // the time of the last success follows
	rowAll     = 1<<iota - 1
)

// shortestRow is the least that a device takes in bytes: one for each number of a
// row, and a machine without power.
const shortestRow = 7 + 3

// Add appends a device as it was at an instant.
func (w *Writer) Add(at time.Duration, f *device.Frozen) {
	w.devices++
	b := append(w.rows, flagsOf(f), f.Lines)
	b = binary.AppendUvarint(b, uint64(at))
	b = binary.AppendUvarint(b, w.memory(f.Stored))
	for _, count := range [...]uint32{f.Boots, f.Transfer, f.Seq} {
		b = binary.AppendUvarint(b, uint64(count))
	}
	if flagsOf(f)&rowUp != 0 {
		b = binary.AppendUvarint(b, w.config(f.InForce))
	}
	if f.UpAt != resync.Never {
		b = binary.AppendUvarint(b, uint64(f.UpAt))
	}
	if !f.Lease.IsZero() {
		addr := f.Lease.Addr.AsSlice()
		b = append(append(b, byte(len(addr))), addr...)
		b = binary.AppendUvarint(b, w.text(f.Lease.Offer.Encode()))
	}
	if !f.Stored.LastSuccess.IsZero() {
		b = binary.AppendVarint(b, f.Stored.LastSuccess.UnixNano())
	}
	w.machine, _ = f.Machine.AppendBinary(w.machine[:0]) // never an error
	w.rows = appendBytes(b, w.machine)
}

func flagsOf(f *device.Frozen) (flags byte) {
	if f.Machine.Status().On {
		flags |= rowUp
	}
	if f.UpAt != resync.Never {
		flags |= rowStarts
	}
	if !f.Lease.IsZero() {
		flags |= rowLeased
	}
	if !f.Stored.LastSuccess.IsZero() {
		flags |= rowSuccess
	}
	return flags
}

// text returns the number of a text.
func (w *Writer) text(s string) uint64 {
	n, ok := w.texts[s]
	if !ok {
		n = uint64(len(w.texts))
		w.texts[s] = n
		w.textRows = appendBytes(w.textRows, []byte(s))
	}
	return n
}

// config returns the number of a configuration's text.
func (w *Writer) config(c profile.Config) uint64 {
	n, ok := w.configs[c]
	if !ok {
		n = w.text(string(c.Append(nil)))
		w.configs[c] = n
	}
	return n
}

// memory returns the number of a memory.
func (w *Writer) memory(s *device.Stored) uint64 {
	m := memory{w.config(s.Config), w.text(s.Version), w.text(s.UpgradeURL), w.text(s.Seen), w.text(s.Software), s.Cause}
	n, ok := w.memories[m]
	if !ok {
		n = uint64(len(w.memories))
		w.memories[m] = n
		for _, text := range [...]uint64{m.config, m.version, m.url, m.seen, m.software} {
			w.memRows = binary.AppendUvarint(w.memRows, text)
		}
		w.memRows = append(w.memRows, byte(m.cause))
	}
	return n
}

// Finish returns the checkpoint in parts, which belong one behind the other. The
// number of devices and the format are filled in. The counts are the caller's to
// understand.
func (w *Writer) Finish(h Head, counts []byte) [][]byte {
	h.Format, h.Devices = Format, w.devices
	head, _ := json.Marshal(h) // numbers and texts, which are never refused
	head = binary.AppendUvarint(append(head, '\n'), uint64(len(w.texts)))
	memories := binary.AppendUvarint(nil, uint64(len(w.memories)))
	return [][]byte{head, w.textRows, memories, w.memRows, w.rows, binary.AppendUvarint(nil, uint64(len(counts))), counts}
}

func appendBytes(b, text []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}
