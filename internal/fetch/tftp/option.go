package tftp

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"provsim/device"
)

// The option names, in the order in which a request lists them.
const (
	optBlksize    = "blksize"    // RFC 2348
	optTimeout    = "timeout"    // RFC 2349
	optTsize      = "tsize"      // RFC 2349
	optWindowsize = "windowsize" // RFC 7440
)

// terms are what a transfer runs under.
type terms struct {
	blockSize int
	window    int           // blocks from one acknowledgement to the next
	interval  time.Duration // between repetitions; 0: the schedule's
	size      int64         // of the file as announced; -1: not announced
}

// plain are the terms of RFC 1350, which hold for whatever is not granted.
func plain() terms { return terms{blockSize: defaultBlockSize, window: 1, size: -1} }

// checkOptions refuses values that the RFCs don't allow to ask for.
func checkOptions(o device.TFTPOptions) error {
	seconds := o.Timeout / time.Second
	switch {
	case o.BlockSize != 0 && (o.BlockSize < minBlockSize || o.BlockSize > maxBlockSize):
		return fmt.Errorf("blksize %d, want %d to %d (RFC 2348)", o.BlockSize, minBlockSize, maxBlockSize)
	case o.WindowSize < 0 || o.WindowSize > 65535:
		return fmt.Errorf("windowsize %d, want 1 to 65535 (RFC 7440)", o.WindowSize)
	case o.Timeout != 0 && (o.Timeout != seconds*time.Second || seconds < 1 || seconds > 255):
		return fmt.Errorf("timeout %v, want 1 to 255 whole seconds (RFC 2349)", o.Timeout)
	}
	return nil
}

// asked returns the options that the request lists. A write says how large the
// file is (RFC 2349).
func (t *Transfer) asked() []Option {
	options := askFor(t.options)
	for i := range options {
		if t.writes && options[i].Name == optTsize {
			options[i].Value = strconv.Itoa(len(t.body))
		}
	}
	return options
}

// askFor returns the options that a read request lists.
func askFor(o device.TFTPOptions) []Option {
	var options []Option
	if o.BlockSize != 0 {
		options = append(options, Option{optBlksize, strconv.Itoa(o.BlockSize)})
	}
	if o.Timeout != 0 {
		options = append(options, Option{optTimeout, strconv.Itoa(int(o.Timeout / time.Second))})
	}
	if o.Size {
		options = append(options, Option{optTsize, "0"})
	}
	if o.WindowSize != 0 {
		options = append(options, Option{optWindowsize, strconv.Itoa(o.WindowSize)})
	}
	return options
}

// agree works out the terms that an OACK sets. The server may leave an option
// out, and may lower a block size or window size; it may not raise them, change
// the interval or bring up anything else (RFC 2347, 2348, 2349, 7440).
func agree(asked device.TFTPOptions, granted []Option) (terms, error) {
	t := plain()
	for _, o := range granted {
		var n int64
		var err error
		switch name := strings.ToLower(o.Name); {
		case name == optBlksize && asked.BlockSize != 0:
			n, err = number(o, minBlockSize, int64(asked.BlockSize))
			t.blockSize = int(n)
		case name == optWindowsize && asked.WindowSize != 0:
			n, err = number(o, 1, int64(asked.WindowSize))
			t.window = int(n)
		case name == optTimeout && asked.Timeout != 0:
			seconds := int64(asked.Timeout / time.Second)
			n, err = number(o, seconds, seconds)
			t.interval = time.Duration(n) * time.Second
		case name == optTsize && asked.Size:
			t.size, err = number(o, 0, 1<<63-1)
		default:
			err = fmt.Errorf("option %s was not asked for", printable(o.Name))
		}
		if err != nil {
			return terms{}, err
		}
	}
	return t, nil
}

// number reads an option's value: decimal digits (RFC 2347), low to high.
func number(o Option, low, high int64) (int64, error) {
	n, err := strconv.ParseUint(o.Value, 10, 63)
	if err != nil || int64(n) < low || int64(n) > high {
		return 0, fmt.Errorf("option %s is %s, want %d to %d", printable(o.Name), printable(o.Value), low, high)
	}
	return int64(n), nil
}

// shortfall says for the journal what was asked for and not granted as asked,
// or returns "".
func shortfall(asked, granted []Option) string {
	var less []string
	for _, a := range asked {
		switch value, ok := find(granted, a.Name); {
		case !ok:
			less = append(less, "no "+a.Name)
		case value != a.Value && a.Name != optTsize:
			less = append(less, a.Name+"="+value)
		}
	}
	if less == nil {
		return ""
	}
	return "server grants " + strings.Join(less, ", ")
}
