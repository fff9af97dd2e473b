package ipoffice

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/role"
)

const (
	shownBytes     = 64       // of a recording, in the log
	recordingSize  = 64 << 10 // bytes
	mostRecordings = 10_000
)

// Recorder keeps first bytes that no one here understands, so that people can learn
// from them what a genuine program says (IPO-REC-1). They may hold what logs a user in.
type Recorder struct {
	Log *role.Log
	Dir string // of a file for each recording; "": the log alone has them

	mu    sync.Mutex
	count int
}

// recording is the bytes of one peer.
type recording struct {
	r      *Recorder
	unit   device.MAC
	port   uint16
	from   netip.AddrPort
	began  time.Time
	bytes  []byte
	pieces []piece
}

// piece is what arrived at one time.
type piece struct {
	at  time.Time
	end int // in bytes
}

// datagram records one datagram.
func (r *Recorder) datagram(unit device.MAC, port uint16, from netip.AddrPort, b []byte) {
	c := &recording{r: r, unit: unit, port: port, from: from, began: time.Now()}
	c.add(b)
	c.end()
}

func (c *recording) add(b []byte) {
	if room := recordingSize - len(c.bytes); len(b) > room {
		b = b[:room]
	}
	if len(b) > 0 {
		c.bytes = append(c.bytes, b...)
		c.pieces = append(c.pieces, piece{time.Now(), len(c.bytes)})
	}
}

// end writes the recording.
func (c *recording) end() {
	note := fmt.Sprintf("port %d, from %v, %d bytes: %s", c.port, c.from, len(c.bytes), hex.EncodeToString(c.bytes[:min(len(c.bytes), shownBytes)]))
	if name := serverName(c.bytes); name != "" {
		note += ", TLS for the server " + name
	}
	if file, err := c.write(); err != nil {
		note += ", not kept: " + err.Error()
	} else if file != "" {
		note += ", kept as " + file
	}
	c.r.Log.Add(role.Record{Wall: c.began, Event: "record", Device: c.unit, Note: note})
}

// write keeps the recording as a file of lines: the seconds since it began, and bytes.
func (c *recording) write() (name string, err error) {
	if c.r.Dir == "" {
		return "", nil
	}
	c.r.mu.Lock()
	c.r.count++
	n := c.r.count
	c.r.mu.Unlock()
	if n > mostRecordings {
		return "", fmt.Errorf("there are %d files already", mostRecordings)
	}
	name = fmt.Sprintf("%s-%05d-%d.txt", c.began.UTC().Format("20060102T150405.000"), n, c.port)
	file, err := os.OpenFile(filepath.Join(c.r.Dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(file, "# unit %v, port %d, from %v, at %s\n", c.unit, c.port, c.from, c.began.UTC().Format(time.RFC3339Nano))
	begin := 0
	for _, p := range c.pieces {
		if err == nil {
			_, err = fmt.Fprintf(file, "%.6f %x\n", p.at.Sub(c.began).Seconds(), c.bytes[begin:p.end])
		}
		begin = p.end
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return name, err
}

// teeReader adds what is read to a recording.
type teeReader struct {
	io.Reader
	to *recording
}

func (t teeReader) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	t.to.add(p[:n])
	return n, err
}

// serverName returns the name of the server in a TLS ClientHello (RFC 8446 section
// 4.1.2, RFC 6066 section 3), or "".
func serverName(b []byte) string {
	take := func(n int) (part []byte) {
		if n > len(b) {
			n, b = 0, nil
		}
		part, b = b[:n], b[n:]
		return part
	}
	number := func(size int) int {
		var eight [8]byte
		part := take(size)
		copy(eight[8-len(part):], part)
		return int(binary.BigEndian.Uint64(eight[:]))
	}
	if number(1) != 22 { // a handshake record
		return ""
	}
	take(4)
	if number(1) != 1 { // ClientHello
		return ""
	}
	take(3 + 2 + 32)
	take(number(1))
	take(number(2))
	take(number(1))
	take(2) // the length of all extensions: what there is may be less
	for len(b) >= 4 {
		kind := number(2)
		extension := take(number(2))
		if kind == 0 && len(extension) > 5 {
			if name := extension[5:]; len(name) == int(binary.BigEndian.Uint16(extension[3:])) {
				return role.Printable(string(name))
			}
		}
	}
	return ""
}
