package server

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
	"provsim/internal/splitmix"
)

// A Fault is something that a server does wrong on purpose, to a share of its
// connections (WT-SRV-2).
type Fault struct {
	Name  string
	Value string
	Share float64 // 0 to 1
}

// FaultNames lists the faults, with what each means.
var FaultNames = []struct{ Where, Name, Meaning string }{
	{"upgrade", "401", "the answer is 401"},
	{"upgrade", "403", "the answer is 403"},
	{"upgrade", "404", "the answer is 404"},
	{"upgrade", "503", "the answer is 503 with Retry-After: 30"},
	{"upgrade", "hang", "there is no answer"},
	{"upgrade", "accept", "the 101 has a wrong Sec-WebSocket-Accept"},
	{"tunnel", "text", "the first message is a text message"},
	{"tunnel", "no-pong", "pings are not answered"},
	{"tunnel", "silent", "nothing is sent at all"},
	{"tunnel", "close:CODE", "the tunnel is closed at once with this code, such as 1013"},
	{"tunnel", "in-use", "the tunnel is closed with 1008, address in use"},
	{"tunnel", "spoof", "packets of another device come first"},
	{"tunnel", "unknown", "the first message is of no codec"},
	{"tunnel", "drop:PERCENT", "this part of the packets to the device is dropped"},
	{"tunnel", "delay:TIME", "each packet to the device comes so much later"},
}

// Faults are those of a server. A nil Faults has no fault.
type Faults struct {
	Seed uint64
	List []Fault
}

// has reports whether a connection meets a fault, and the fault's value.
func (f *Faults) has(draw uint64, names ...string) (Fault, bool) {
	if f == nil {
		return Fault{}, false
	}
	for i, fault := range f.List {
		random := splitmix.Mix(splitmix.Mix(f.Seed^uint64(i)) ^ draw)
		if slices.Contains(names, fault.Name) && splitmix.Unit(random) < fault.Share {
			return fault, true
		}
	}
	return Fault{}, false
}

// link returns the faults of one tunnel's link.
func (f *Faults) link(draw uint64) (l link.Faults) {
	_, l.NoPong = f.has(draw, "no-pong")
	_, l.Silent = f.has(draw, "silent")
	if fault, ok := f.has(draw, "drop"); ok {
		percent, _ := strconv.ParseFloat(fault.Value, 64) // Check has seen it
		l.Drop = percent / 100
	}
	if fault, ok := f.has(draw, "delay"); ok {
		l.Delay, _ = time.ParseDuration(fault.Value)
	}
	return l
}

// Check says what is wrong with a fault's value.
func (f Fault) Check() bool {
	switch f.Name {
	case "drop":
		n, err := strconv.ParseFloat(f.Value, 64)
		return err == nil && n > 0 && n <= 100
	case "delay":
		d, err := time.ParseDuration(f.Value)
		return err == nil && d > 0 && d <= time.Minute
	case "close":
		n, err := strconv.Atoi(f.Value)
		return err == nil && (n >= 1000 && n <= 1014 && n != 1004 && n != 1005 && n != 1006 || n >= 3000 && n <= 4999)
	}
	return f.Value == ""
}

// upgrade answers the upgrade wrongly, and reports whether it has.
func (f *Faults) upgrade(w http.ResponseWriter, r *http.Request, closed <-chan struct{}, draw uint64, refuse func(int, string)) bool {
	fault, ok := f.has(draw, "401", "403", "404", "503", "hang", "accept")
	if !ok {
		return false
	}
	switch fault.Name {
	case "hang":
		select {
		case <-r.Context().Done():
		case <-closed:
		}
	case "accept":
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
		w.WriteHeader(http.StatusSwitchingProtocols)
	case "503":
		w.Header().Set("Retry-After", retry)
		fallthrough
	default:
		status, _ := strconv.Atoi(fault.Name)
		refuse(status, "fault "+fault.Name)
	}
	return true
}

// opened does what goes wrong when a tunnel has been opened.
func (f *Faults) opened(t *session) {
	if _, ok := f.has(t.draw, "text"); ok {
		t.link.SendMessage(websocket.MessageText, []byte("fault text"))
	}
	if _, ok := f.has(t.draw, "unknown"); ok {
		t.link.SendMessage(websocket.MessageBinary, []byte{0xc0, 0xa8, 0, 1, 0, 0, 0, 0})
	}
	if fault, ok := f.has(t.draw, "close"); ok {
		code, _ := strconv.Atoi(fault.Value)
		t.link.Close(websocket.StatusCode(code), "fault close")
	}
	if _, ok := f.has(t.draw, "in-use"); ok {
		t.link.Close(link.Policy, "address in use")
	}
}

// met does what goes wrong after a tunnel's first packet, when its codec is known.
func (f *Faults) met(t *session) {
	if _, ok := f.has(t.draw, "spoof"); ok {
		t.link.Send(tunnel.Echo(tunnel.Address(tunnel.Addresses-1), tunnel.Address(0), 1, 1, []byte("spoofed!")))
	}
}
