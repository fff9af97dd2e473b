package learn

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"net/netip"
	"strings"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/learn/logs"
	"provsim/internal/learn/who"
	"provsim/internal/oneline"
)

// Limits of what is remembered, whatever the logs hold.
const (
	mostPhones    = 2_000_000
	mostUnserved  = 500_000 // phones that have got nothing, so that made up addresses cannot take all room
	mostAddresses = 1_000_000
	mostNames     = 20_000
	mostTexts     = 4_000
	mostStrangers = 500
	mostBans      = 2_000
)

// Learner learns from entries. It is for one goroutine.
type Learner struct {
	who     *who.Recogniser
	vendors []*device.Personality
	seed    maphash.Seed
	begin   int64 // microseconds; the instant 0

	phones    map[device.MAC]*phone
	slab      []phone // from which phones are taken
	unserved  int
	room      int                 // for them, mostUnserved
	refused   int64               // requests of phones that there was no room for
	addresses map[uint64]*address // by Learner.key
	leased    map[device.MAC]who.Who
	unnamed   int
	texts     []string // products and versions
	textOf    map[string]uint16
	names     []map[string]*nameCount // by the vendor of those who ask, by the form
	nameCount int
	strangers map[string]int64

	counts  Counts
	hours   map[int64]*Hour
	hour    int64 // the latest one's number
	inHour  *Hour // its counts
	latest  int64
	server  serverCounts
	outages outages
	bans    []ban
	scratch []byte
}

// Counts are those of all entries.
type Counts struct {
	Requests  int64 `json:"requests"` // of phones
	Strangers int64 `json:"strangers"`
	Leases    int64 `json:"leases"`
	TFTP      int64 `json:"tftp"`
	Timed     int64 `json:"timed"` // with a time that the server took
}

// address is what is remembered of a client's address.
type address struct {
	mac      device.MAC // of the latest lease
	last     *phone
	unnamed  *phone // one that does not say its address
	misses   uint16 // in the window
	window   ticks
	refused  uint16 // in a row
	answered bool   // once
	ban      int    // its ban in Learner.bans that goes on, plus 1
	since    ticks
}

// New returns a Learner that knows nothing.
func New() *Learner {
	l := &Learner{
		who: who.New(), vendors: vendors.All(), seed: maphash.MakeSeed(), room: mostUnserved,
		phones: map[device.MAC]*phone{}, addresses: map[uint64]*address{}, leased: map[device.MAC]who.Who{},
		texts: []string{""}, textOf: map[string]uint16{"": 0}, strangers: map[string]int64{}, hours: map[int64]*Hour{},
	}
	for range len(l.vendors) + 1 {
		l.names = append(l.names, map[string]*nameCount{})
	}
	return l
}

// Phones returns how many phones there are so far.
func (l *Learner) Phones() int { return len(l.phones) + l.unnamed }

// span is the longest time that the logs may cover. What is later is left out.
const span = 10 * 365 * 24 * time.Hour

// Add learns from an entry. Entries come in the order of their times; one that is late
// by less than a run counts as what it is.
func (l *Learner) Add(e *logs.Entry) {
	if l.begin == 0 {
		l.begin = e.At - (24 * time.Hour).Microseconds()
	}
	if e.At-l.begin > span.Microseconds() {
		return
	}
	now := ticks(max(0, e.At-l.begin) / tick.Microseconds())
	ip := parseAddress(e.Address)
	from := l.addressOf(ip)
	if e.Kind == logs.Lease {
		l.lease(e, from)
		return
	}
	p := l.phoneOf(e, from, ip)
	if p == nil {
		l.strange(e)
		return
	}
	l.request(e, now, p, from)
}

// parseAddress reads an address, and makes no garbage of one of IPv4. What is no address
// is the zero Addr.
func parseAddress(b []byte) netip.Addr {
	var four [4]byte
	at, digits, value := 0, 0, 0
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9' && digits < 3:
			value = value*10 + int(c-'0')
			digits++
		case c == '.' && at < 3 && digits > 0 && value < 256:
			four[at], at, digits, value = byte(value), at+1, 0, 0
		default:
			a, _ := netip.ParseAddr(string(b))
			return a.Unmap().WithZone("")
		}
	}
	if at != 3 || digits == 0 || value > 255 {
		return netip.Addr{}
	}
	four[3] = byte(value)
	return netip.AddrFrom4(four)
}

// addressOf returns what is remembered of an address; nil: ip is not valid, or there is
// no room.
func (l *Learner) addressOf(ip netip.Addr) *address {
	if !ip.IsValid() {
		return nil
	}
	key := l.key(ip)
	a := l.addresses[key]
	if a == nil && len(l.addresses) < mostAddresses {
		a = &address{}
		l.addresses[key] = a
	}
	return a
}

// key returns the number of an address of IPv4, and a hash of another: maps find numbers
// in half the time.
func (l *Learner) key(ip netip.Addr) uint64 {
	if ip.Is4() {
		four := ip.As4()
		return uint64(binary.BigEndian.Uint32(four[:]))
	}
	sixteen := ip.As16()
	return maphash.Bytes(l.seed, sixteen[:]) | 1<<63
}

// lease notes whose an address is.
func (l *Learner) lease(e *logs.Entry, from *address) {
	l.counts.Leases++
	mac, _, _, ok := who.MAC(e.MAC)
	if !ok {
		return
	}
	if from != nil {
		from.mac = mac
	}
	if len(e.Agent) > 0 && len(l.leased) < mostPhones {
		if w := l.who.Class(string(e.Agent), l.who.Owner(mac)); w.Vendor != nil {
			l.leased[mac] = w
		}
	}
}

// phoneOf returns the phone that an entry is of: by the address that its User-Agent
// says, or its file's name; else by the owner of the packets' address. Nil: no phone's.
func (l *Learner) phoneOf(e *logs.Entry, from *address, ip netip.Addr) *phone {
	hash := maphash.Bytes(l.seed, e.Agent)
	var last *phone // that has asked from there with the same User-Agent
	if from != nil && from.last != nil && from.last.agent == hash {
		last = from.last
	}
	var mac device.MAC
	inAgent := false
	switch {
	case last == nil:
		mac, _, _, inAgent = who.MAC(e.Agent)
	case last.inAgent:
		mac, inAgent = last.mac, true
	}
	named := inAgent
	if !named {
		mac, _, _, named = who.MAC(e.Path[bytes.LastIndexByte(e.Path, '/')+1:])
	}
	if named {
		p := last
		if p == nil || p.mac != mac {
			p = l.phones[mac]
		}
		var w who.Who
		if p == nil || p.agent != hash {
			w = l.recognise(e, mac)
		}
		if p == nil {
			if p = l.named(from, w.Vendor); p == nil {
				return nil
			}
			l.enter(p, mac)
		}
		p.agent, p.inAgent, p.address = hash, inAgent, ip
		l.know(p, w)
		if from != nil {
			from.last = p
		}
		return p
	}
	if last != nil && len(e.Agent) > 0 {
		return last
	}
	w := who.Who{}
	if len(e.Agent) > 0 {
		w = l.who.Agent(string(e.Agent), nil)
	}
	if w.Vendor == nil {
		w = l.who.ByName(who.Form(e.Path))
	}
	if from == nil || w.Vendor == nil && from.last == nil && from.mac == (device.MAC{}) {
		return nil
	}
	return l.behind(e, from, ip, w, hash)
}

// named returns the phone of an address that is new: the one that has just asked from
// there without saying its name, as loaders do, or another.
func (l *Learner) named(from *address, vendor *device.Personality) *phone {
	if from == nil || from.unnamed == nil || from.unnamed.runs > 0 || l.vendorOf(from.unnamed) != vendor {
		return l.take()
	}
	p := from.unnamed
	from.unnamed = nil
	l.unnamed--
	return p
}

// behind returns the phone behind an address that says nothing of its own.
func (l *Learner) behind(e *logs.Entry, from *address, ip netip.Addr, w who.Who, hash uint64) *phone {
	if from.last != nil && (w.Vendor == nil && (len(e.Agent) == 0 || e.Kind == logs.TFTP) || w.Vendor != nil && l.vendorOf(from.last) == w.Vendor) {
		l.know(from.last, w)
		return from.last
	}
	if from.mac != (device.MAC{}) && (w.Vendor != nil || l.who.Owner(from.mac) != nil) {
		p := l.phones[from.mac]
		if p == nil {
			if p = l.take(); p == nil {
				return nil
			}
			l.enter(p, from.mac)
			if p.vendor == 0 {
				l.know(p, who.Who{Vendor: l.who.Owner(from.mac)})
			}
		}
		l.know(p, w)
		p.address, p.agent, p.inAgent, from.last = ip, hash, false, p
		return p
	}
	if w.Vendor == nil {
		return nil
	}
	if from.unnamed == nil {
		if from.unnamed = l.take(); from.unnamed == nil {
			return nil
		}
		l.unnamed++
	}
	l.know(from.unnamed, w)
	from.unnamed.address, from.unnamed.agent = ip, hash
	return from.unnamed
}

// enter puts a new phone among those that have an address.
func (l *Learner) enter(p *phone, mac device.MAC) {
	p.mac, p.named = mac, true
	l.phones[mac] = p
	l.know(p, l.leased[mac])
}

// recognise returns what an entry says about a phone with an address.
func (l *Learner) recognise(e *logs.Entry, mac device.MAC) who.Who {
	owner := l.who.Owner(mac)
	w := who.Who{}
	if len(e.Agent) > 0 {
		w = l.who.Agent(string(e.Agent), owner)
	}
	if w.Vendor == nil {
		w.Vendor = owner
	}
	return w
}

// take returns a new phone; nil: there is no room.
func (l *Learner) take() *phone {
	if len(l.phones)+l.unnamed >= mostPhones || l.unserved >= l.room {
		l.refused++
		return nil
	}
	if len(l.slab) == 0 {
		l.slab = make([]phone, 1024)
	}
	p := &l.slab[0]
	l.slab = l.slab[1:]
	l.unserved++
	return p
}

// know notes what was recognised of a phone.
func (l *Learner) know(p *phone, w who.Who) {
	if w.Vendor == nil {
		return
	}
	for i, v := range l.vendors {
		if v == w.Vendor && (p.vendor == 0 || w.Product != "") {
			p.vendor = uint8(i + 1)
		}
	}
	if w.Product != "" {
		p.product, p.byAgent = l.text(w.Product), true
	}
	if w.Software != "" {
		p.says = l.text(w.Software)
	}
}

// text returns the number of a text.
func (l *Learner) text(s string) uint16 {
	n, ok := l.textOf[s]
	if !ok && len(l.texts) < mostTexts {
		n = uint16(len(l.texts))
		l.texts = append(l.texts, strings.Clone(s))
		l.textOf[l.texts[n]] = n
	}
	return n
}

func (l *Learner) vendorOf(p *phone) *device.Personality {
	if p.vendor == 0 {
		return nil
	}
	return l.vendors[p.vendor-1]
}

// strange counts a request that is no phone's, by the first word of its User-Agent.
func (l *Learner) strange(e *logs.Entry) {
	l.counts.Strangers++
	word := e.Agent
	if end := bytes.IndexAny(word, "/ ;("); end >= 0 {
		word = word[:end]
	}
	const longest = 24
	name := oneline.Clean(string(word[:min(len(word), longest)]))
	if _, known := l.strangers[name]; !known && len(l.strangers) >= mostStrangers {
		name = "others"
	}
	l.strangers[name]++
}
