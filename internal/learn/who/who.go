// Package who recognises phones in what a server's log says about a request: by the
// User-Agents, file names, address blocks and vendor classes that the vendors'
// personalities have themselves. It has no list of its own.
package who

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"provsim/device"
	"provsim/device/vendors"
)

// Who is what a text says about a phone. What it does not say is zero.
type Who struct {
	Vendor   *device.Personality
	Product  string // "": not said
	Software string
}

// Recogniser recognises phones. It is for one goroutine.
type Recogniser struct {
	agents  []pattern // the most exact first
	classes []pattern
	owners  map[device.OUI]*device.Personality
	byName  []nameForm
}

// part is what a pattern has in one place.
type part uint8

const (
	text part = iota
	product
	software
	mac
)

// pattern is a User-Agent or a vendor class with places for what changes.
type pattern struct {
	vendor  *device.Personality
	product string // "": any
	pieces  []piece
	needs   int // how many pieces must be there: those up to the product
}

type piece struct {
	is   part
	text string
}

// New returns a recogniser of the vendors' phones.
func New() *Recogniser {
	r := &Recogniser{owners: map[device.OUI]*device.Personality{}}
	seen := map[string]bool{}
	add := func(to *[]pattern, p *device.Personality, product string, text string, id device.Identity) {
		for _, one := range []string{product, ""} {
			made := made(p, one, text, id)
			key := p.Name + made.key()
			if !seen[key] && made.says() {
				seen[key] = true
				*to = append(*to, made)
			}
		}
	}
	for _, p := range vendors.All() {
		for _, oui := range p.OUIs {
			r.owners[oui] = p
		}
		for _, g := range p.Products {
			for _, name := range g.Products {
				if strings.HasSuffix(name, ".x") {
					continue // versions of a product, which has the same User-Agent
				}
				id := identity(p, name)
				if p.Agent != nil {
					add(&r.agents, p, name, p.Agent(id), id)
				}
				if p.DHCP != nil {
					add(&r.classes, p, name, p.DHCP(id).Class, id)
				}
			}
		}
		r.nameForms(p)
	}
	for _, list := range [][]pattern{r.agents, r.classes} {
		slices.SortStableFunc(list, func(a, b pattern) int {
			return cmp.Or(cmp.Compare(len(b.product), len(a.product)), cmp.Compare(b.literal(), a.literal()))
		})
	}
	return r
}

// sample is the end of an address that is looked for in what personalities write.
const sample = "\xab\xcd\xef"

// identity returns a phone of a product as it is delivered.
func identity(p *device.Personality, name string) device.Identity {
	id := device.Identity{Product: name, Hardware: p.Shipped.Hardware, Software: p.Shipped.Software}
	if p.Software != nil {
		id.Software = p.Software(name)
	}
	copy(id.MAC[:], append(p.OUIs[0][:], sample...))
	return id
}

// made cuts a text of a phone into pieces. With a product "" its name is any.
func made(p *device.Personality, name, whole string, id device.Identity) pattern {
	at := pattern{vendor: p, product: name, pieces: []piece{{text, whole}}}
	at.cut(mac, id.MAC.String(), id.MAC.Upper(), id.MAC.Colons(), strings.ToUpper(id.MAC.Colons()))
	at.cut(software, id.Software, strings.TrimPrefix(id.Software, "UC_"), strings.ReplaceAll(id.Software, ".", "_"))
	if name == "" {
		at.cut(product, id.Product, strings.ReplaceAll(id.Product, "_", ""))
	}
	for _, digits := range versions(at.pieces) { // one that the product decides
		at.cut(software, digits)
	}
	at.needs = 1
	for i, one := range at.pieces {
		if one.is == product || name != "" && one.is == text && strings.Contains(one.text, name) {
			at.needs = i + 1
		}
	}
	return at
}

// versions returns what looks like a version in the texts: digits with two points or
// more.
func versions(pieces []piece) (found []string) {
	for _, p := range pieces {
		if p.is != text {
			continue
		}
		for _, word := range strings.FieldsFunc(p.text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' }) {
			if strings.Count(word, ".") >= 3 {
				found = append(found, word)
			}
		}
	}
	return found
}

// cut takes every one of some words out of the texts.
func (p *pattern) cut(is part, words ...string) {
	for _, word := range words {
		if word == "" {
			continue
		}
		var pieces []piece
		for _, one := range p.pieces {
			for one.is == text {
				before, after, found := strings.Cut(one.text, word)
				if !found {
					break
				}
				if before != "" {
					pieces = append(pieces, piece{text, before})
				}
				pieces = append(pieces, piece{is, ""})
				one.text = after
			}
			if one.is != text || one.text != "" {
				pieces = append(pieces, one)
			}
		}
		p.pieces = pieces
	}
}

// says reports whether a pattern begins with enough text to mean one vendor.
func (p *pattern) says() bool {
	const least = 5
	return len(p.pieces) > 0 && p.pieces[0].is == text && (len(p.pieces[0].text) >= least || p.product != "" && len(p.pieces[0].text) > 3)
}

func (p *pattern) key() string {
	var b strings.Builder
	for _, one := range p.pieces {
		b.WriteString(one.text)
		b.WriteByte(byte(one.is))
	}
	return b.String()
}

// literal is how much text must be there.
func (p *pattern) literal() (n int) {
	for _, one := range p.pieces[:p.needs] {
		n += len(one.text)
	}
	return n
}

// match reads a text by a pattern. What follows the pieces that it needs may differ.
func (p *pattern) match(s string) (w Who, ok bool) {
	w.Vendor, w.Product = p.vendor, p.product
	for i, one := range p.pieces {
		switch one.is {
		case text:
			if len(s) < len(one.text) || !strings.EqualFold(s[:len(one.text)], one.text) {
				return w, i >= p.needs
			}
			s = s[len(one.text):]
		default:
			end := len(s)
			if i+1 < len(p.pieces) && p.pieces[i+1].is == text {
				next := p.pieces[i+1].text
				if end = strings.Index(s, next); end < 0 || one.is == software {
					end = strings.IndexAny(s+" ", next[:1]+" ;/")
				}
			}
			value := s[:end]
			s = s[end:]
			if one.is == product {
				if len(value) > 24 || !isWord(value, "._-+") {
					return w, false
				}
				w.Product = value
			}
			if one.is == software && isVersion(value) {
				w.Software = strings.ReplaceAll(value, "_", ".") // R7_1_8 of Avaya's User-Agents is 7.1.8
			}
		}
	}
	return w, true
}

// isVersion reports whether a text may be a firmware's version.
func isVersion(s string) bool {
	return len(s) <= 32 && strings.ContainsAny(s, "0123456789") && isWord(s, "._-()")
}

// isWord reports whether a text has only letters, digits and some more: what comes out of
// a log is written into files and shown.
func isWord(s, more string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && strings.IndexByte(more, c) < 0 {
			return false
		}
	}
	return s != ""
}

// Agent recognises a User-Agent. Owner is that of the phone's address, where it is
// known: it decides between vendors of the same words.
func (r *Recogniser) Agent(agent string, owner *device.Personality) Who {
	return recognise(r.agents, agent, owner)
}

// Class recognises the vendor class of a DHCP client.
func (r *Recogniser) Class(class string, owner *device.Personality) Who {
	return recognise(r.classes, class, owner)
}

func recognise(patterns []pattern, s string, owner *device.Personality) (best Who) {
	rank := 0
	for i := range patterns {
		w, ok := patterns[i].match(s)
		if !ok {
			continue
		}
		now := 1
		if known(w.Vendor, &w.Product) {
			now += 2
		}
		if w.Vendor == owner {
			now += 4
		}
		if now > rank {
			best, rank = w, now
		}
		if rank == 7 || rank == 3 && owner == nil { // no pattern can say more
			break
		}
	}
	return best
}

// known reports whether a vendor has a product by that name, and writes it as the
// vendor does.
func known(p *device.Personality, name *string) bool {
	for _, g := range p.Products {
		for _, one := range g.Products {
			if strings.EqualFold(one, *name) {
				*name = one
				return true
			}
		}
	}
	return false
}

// Owner returns the vendor of an address's block; nil: none that is known.
func (r *Recogniser) Owner(m device.MAC) *device.Personality { return r.owners[device.OUI(m[:3])] }

// MAC returns the hardware address in a text, such as a file's name or a User-Agent:
// twelve hex digits that stand alone, or pairs with colons or hyphens. The block of
// zeros is no phone's: names of common files such as y000000000066.cfg begin so.
func MAC(b []byte) (m device.MAC, at, length int, ok bool) {
	for i := 0; i+12 <= len(b); i++ {
		if unhex[b[i]] > 15 || i > 0 && unhex[b[i-1]] <= 15 {
			continue
		}
		n := 0
		for n < 12 && i+n < len(b) && unhex[b[i+n]] <= 15 {
			n++
		}
		size := 0
		switch {
		case n == 12 && (i+12 == len(b) || unhex[b[i+12]] > 15):
			for k := range m {
				m[k] = unhex[b[i+2*k]]<<4 | unhex[b[i+2*k+1]]
			}
			size = 12
		case n == 2 && i+17 <= len(b) && (b[i+2] == ':' || b[i+2] == '-'):
			size = 17
			for k := range m {
				high, low := unhex[b[i+3*k]], unhex[b[i+3*k+1]]
				if high > 15 || low > 15 || k < 5 && b[i+3*k+2] != b[i+2] {
					size = 0
					break
				}
				m[k] = high<<4 | low
			}
		default:
			i += max(n-1, 0)
		}
		if size > 0 && m[0]&1 == 0 && device.OUI(m[:3]) != (device.OUI{}) {
			return m, i, size, true
		}
	}
	return device.MAC{}, 0, 0, false
}

// unhex has the values of hex digits, and 255 for other bytes.
var unhex = func() (values [256]byte) {
	for i := range values {
		values[i] = 255
	}
	for i, c := range []byte("0123456789abcdef") {
		values[c], values[bytes.ToUpper([]byte{c})[0]] = byte(i), byte(i)
	}
	return values
}()

// Form returns the name of a file with the phone's address as {mac} or {MAC}, by its
// case, so that those of all phones are one. Directories are left out.
func Form(path []byte) string { return string(AppendForm(nil, path)) }

// AppendForm appends what [Form] returns to b.
func AppendForm(b, path []byte) []byte {
	name := path[bytes.LastIndexByte(path, '/')+1:]
	_, at, length, ok := MAC(name)
	if !ok {
		return append(b, name...)
	}
	mark := "{mac}"
	if bytes.ContainsAny(name[at:at+length], "ABCDEF") {
		mark = "{MAC}"
	}
	b = append(b, name[:at]...)
	b = append(b, mark...)
	return append(b, name[at+length:]...)
}
