package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Format is the version of the form.
const Format = 4

// Head says what a checkpoint is of.
type Head struct {
	Format   int           `json:"format"`
	Scenario string        `json:"scenario"` // its name, for people
	Digest   string        `json:"digest"`   // of the scenario as it was run
	Seed     uint64        `json:"seed"`
	Shard    int           `json:"shard"` // from 0
	Shards   int           `json:"shards"`
	Devices  int           `json:"devices"` // that follow
	Started  int64         `json:"started"` // when the run began first, in nanoseconds since 1970
	At       time.Duration `json:"at"`      // the run's instant, in nanoseconds; no device was frozen later
	Ended    bool          `json:"ended"`   // the run reached the end that it had then
}

// GoesOn reports whether a run that now ends at an instant goes on where it was
// left. Otherwise it has ended, or not begun.
func (h *Head) GoesOn(until time.Duration) bool { return h.At > 0 && h.At < until }

// readHead takes the first line off a body.
func readHead(body []byte) (h Head, rest []byte, err error) {
	line, rest, ok := bytes.Cut(body, []byte("\n"))
	if !ok {
		return h, nil, errors.New("found no line of JSON, want one that says what run it is of")
	}
	if err := json.Unmarshal(line, &h); err != nil {
		return h, nil, fmt.Errorf("first line: %w", err)
	}
	switch {
	case h.Format != Format:
		return h, nil, fmt.Errorf("found format %d, want %d, the one of this release", h.Format, Format)
	case h.Devices < 0 || h.Devices > len(rest)/shortestRow:
		return h, nil, fmt.Errorf("found %d devices in %d bytes, want at least %d bytes for each", h.Devices, len(rest), shortestRow)
	case h.At < 0:
		return h, nil, fmt.Errorf("found the instant %v, want one from 0 on", h.At)
	}
	return h, rest, nil
}
