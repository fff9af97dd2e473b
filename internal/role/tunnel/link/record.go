package link

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Bounds of what is recorded (WT-COD-4): messages of a direction, packets' bytes of
// a tunnel, tunnels at a time.
const (
	mostMessages  = 64
	mostPackets   = 16 << 20
	mostRecording = 256
)

// Directions of messages.
const (
	In  = "in"
	Out = "out"
)

// Recorder writes what tunnels carry into a folder, two files a tunnel: NAME.ndjson
// with the upgrade's header lines and the first messages, and NAME.pcap with the IP
// packets, for tcpdump and Wireshark. A nil Recorder writes nothing.
type Recorder struct {
	dir string

	mu   sync.Mutex
	next int
	open int
}

// NewRecorder records into a folder, which it makes.
func NewRecorder(dir string) (*Recorder, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	return &Recorder{dir: dir}, nil
}

// Recording is of one tunnel. A nil Recording writes nothing.
type Recording struct {
	owner *Recorder
	name  string // of its files, without the ending

	mu       sync.Mutex
	messages *os.File
	packets  *os.File
	left     map[string]int
	room     int
}

// Files says where the recording lies.
func (r *Recording) Files() string { return r.name + ".ndjson and .pcap" }

// Begin begins a recording of a device's tunnel, with the header lines of request
// and answer. It fails where the disk does, or with too many recordings at a time.
func (r *Recorder) Begin(device string, request, answer http.Header, status int) (*Recording, error) {
	if r == nil {
		return nil, nil
	}
	r.mu.Lock()
	r.next++
	name := fmt.Sprintf("tunnel-%06d-%s", r.next, clean(device))
	full := r.open >= mostRecording
	if !full {
		r.open++
	}
	r.mu.Unlock()
	if full {
		return nil, fmt.Errorf("%d tunnels are being recorded, and no more are at a time", mostRecording)
	}
	rec := &Recording{owner: r, name: filepath.Join(r.dir, name), left: map[string]int{In: mostMessages, Out: mostMessages}, room: mostPackets}
	var err error
	if rec.messages, err = os.Create(rec.name + ".ndjson"); err == nil {
		rec.packets, err = os.Create(rec.name + ".pcap")
	}
	if err != nil {
		rec.close()
		return nil, err
	}
	rec.head(request, answer, status)
	return rec, nil
}

// clean keeps the letters and digits of a text that came from outside.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, text)
	return text[:min(len(text), 20)]
}

// masked are header lines of which the value is a secret or a key.
var masked = []string{"Authorization", "Proxy-Authorization", "Www-Authenticate", "Authentication-Info", "Cookie", "Set-Cookie", "Sec-Websocket-Key", "Sec-Websocket-Accept"}

// Lines returns header lines without secrets: of those, the first word stays,
// where there is more than one.
func Lines(h http.Header) []string {
	var all []string
	for name, values := range h {
		for _, v := range values {
			if slices.Contains(masked, http.CanonicalHeaderKey(name)) {
				scheme, _, more := strings.Cut(v, " ")
				if !more {
					scheme = ""
				}
				v = strings.TrimSpace(scheme + " ***")
			}
			all = append(all, name+": "+v)
		}
	}
	slices.Sort(all)
	return all
}

// head begins both files. LINKTYPE_RAW is 101.
func (r *Recording) head(request, answer http.Header, status int) {
	line, err := json.Marshal(struct {
		Type    string   `json:"type"`
		Status  int      `json:"status"`
		Request []string `json:"request"`
		Answer  []string `json:"answer"`
	}{"upgrade", status, Lines(request), Lines(answer)})
	if err == nil {
		r.messages.Write(append(line, '\n'))
	}
	b := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, 65535)
	b = binary.LittleEndian.AppendUint32(b, 101)
	r.packets.Write(b)
}

// message records one of the first messages of a direction.
func (r *Recording) message(t time.Duration, dir string, kind websocket.MessageType, m []byte) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left[dir] == 0 || r.messages == nil {
		return
	}
	r.left[dir]--
	word := "binary"
	if kind == websocket.MessageText {
		word = "text"
	}
	fmt.Fprintf(r.messages, `{"t":%.6f,"dir":%q,"type":%q,"len":%d,"hex":%q}`+"\n", t.Seconds(), dir, word, len(m), hex.EncodeToString(m))
}

// packet records a packet.
func (r *Recording) packet(at time.Time, p []byte) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.room -= len(p); r.room < 0 || r.packets == nil {
		return
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(at.Unix()))
	b = binary.LittleEndian.AppendUint32(b, uint32(at.Nanosecond()/1000))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(p)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(p)))
	r.packets.Write(append(b, p...)) // at once, so that the file can be read while the tunnel is open
}

func (r *Recording) close() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range []*os.File{r.messages, r.packets} {
		if f != nil {
			f.Close()
		}
	}
	r.messages, r.packets = nil, nil
	r.owner.mu.Lock()
	r.owner.open--
	r.owner.mu.Unlock()
}
