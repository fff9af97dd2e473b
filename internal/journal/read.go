package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"provsim/device"
	"provsim/resync"
)

// MaxLine is the size in bytes of the longest line that Read takes, its end
// included. A configuration of 1 MiB (FV-NET-1) may be one long version, and an
// escape is six times as long as what it stands for.
const MaxLine = 32 << 20

// Read reads the JSON lines of r. A line that is no record gives an error that
// tells its number, counted from 1; the next line follows if the caller goes on.
// An error of r itself, or a line over [MaxLine], ends the sequence. Members that
// are not known are skipped, so that the journals of later releases can be read.
func Read(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, MaxLine)
		number := 1
		for ; lines.Scan(); number++ {
			record, err := parse(lines.Bytes())
			if err != nil {
				err = fmt.Errorf("line %d: %w", number, err)
			}
			if !yield(record, err) {
				return
			}
		}
		err := lines.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("want at most %d bytes: %w", MaxLine, err)
		}
		if err != nil {
			yield(Record{}, fmt.Errorf("line %d: %w", number, err))
		}
	}
}

// line is a record as encoding/json sees it. The pointers are the members that
// every record has.
type line struct {
	T       *Seconds          `json:"t"`
	Wall    time.Time         `json:"wall"`
	Device  *device.MAC       `json:"device"`
	Seq     *uint32           `json:"seq"`
	Event   *device.EventKind `json:"event"`
	Due     Seconds           `json:"due"`
	Took    Seconds           `json:"took"`
	Outcome resync.Outcome    `json:"outcome"`
	URL     string            `json:"url"`
	Bytes   int64             `json:"bytes"`
	Status  int               `json:"status"`
	Tries   int               `json:"tries"`
	Local   bool              `json:"local"`
	Method  device.Method     `json:"method"`
	Class   device.Class      `json:"class"`
	Expect  bool              `json:"expected"`
	Job     resync.Job        `json:"job"`
	Cause   resync.Cause      `json:"cause"`
	Version string            `json:"version"`
	Note    string            `json:"note"`
}

func parse(text []byte) (Record, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return Record{}, err
	}
	if l.T == nil || l.Device == nil || l.Seq == nil || l.Event == nil {
		return Record{}, errors.New("want t, device, seq and event in every record, one is missing")
	}
	return Record{
		T: time.Duration(*l.T), Wall: l.Wall, Device: *l.Device, Seq: *l.Seq,
		Event: device.Event{
			Kind: *l.Event, Job: l.Job, Cause: l.Cause, Outcome: l.Outcome,
			Due: time.Duration(l.Due), Took: time.Duration(l.Took),
			Bytes: l.Bytes, Status: l.Status, Tries: l.Tries, Local: l.Local,
			Method: l.Method, Class: l.Class, Expected: l.Expect, URL: l.URL, Version: l.Version, Note: l.Note,
		},
	}, nil
}
