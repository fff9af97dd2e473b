package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/oneline"
	"provsim/resync"
)

// Failing reads the journals of a run and writes the devices whose last resync or
// upgrade failed, as CSV: device, job, outcome, at (seconds since the run began), url,
// status and note. An error names the journal and its line.
func Failing(w io.Writer, journals ...string) error {
	failed := map[device.MAC]journal.Record{}
	for _, name := range journals {
		if err := readFailing(name, failed); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.Write([]string{"device", "job", "outcome", "at", "url", "status", "note"})
	for _, mac := range slices.SortedFunc(maps.Keys(failed), func(a, b device.MAC) int { return bytes.Compare(a[:], b[:]) }) {
		r := failed[mac]
		status := ""
		if r.Status != 0 {
			status = strconv.Itoa(int(r.Status))
		}
		out.Write([]string{mac.String(), r.Job.String(), r.Outcome.String(), strconv.FormatFloat(r.T.Seconds(), 'f', 3, 64), oneline.Cell(r.URL), status, oneline.Cell(r.Note)})
	}
	out.Flush()
	return out.Error()
}

func readFailing(name string, failed map[device.MAC]journal.Record) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	for r, err := range journal.Read(f) {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if r.Kind != device.ResyncDone && r.Kind != device.UpgradeDone {
			continue
		}
		if r.Outcome == resync.None || r.Outcome.Success() {
			delete(failed, r.Device)
		} else {
			failed[r.Device] = r
		}
	}
	return nil
}
