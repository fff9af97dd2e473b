package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/rules"
	"provsim/resync"
)

var vendorsCommand = command{
	name:  "vendors",
	args:  "[NAME]",
	short: "list the phone families, or tell all about one",
	long: `
The list has the products, the address blocks, and the number of rules of behaviour
that are documented, wholly or partly, that are our reading or our own, and that
stand in for something that is not public. With a name, it adds the settings, quirks,
DHCP options and files of that vendor's phones.

  provsim vendors
  provsim vendors yealink`,
	words: vendors.Names,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		asJSON := fs.Bool("json", false, "print one JSON object a line")
		return func(e *env, args []string) error {
			if err := wantArgs(args, 0, 1, "at most one vendor"); err != nil {
				return err
			}
			all := vendors.All()
			if len(args) == 1 {
				p, err := vendors.Lookup(args[0])
				if err != nil {
					return usage(err, "'provsim vendors' lists them")
				}
				all = []*device.Personality{p}
			}
			for _, p := range all {
				form, err := vendorOf(p, len(args) == 1)
				switch {
				case err != nil:
				case *asJSON:
					err = writeJSON(e.out, form)
				default:
					err = form.print(e.out)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}
	},
}

// vendorForm is what is known about a vendor's phones. The parts from DHCP on are
// there where one vendor was asked for.
type vendorForm struct {
	Name     string              `json:"name"`
	Vendor   string              `json:"vendor"`
	Shipped  string              `json:"shipped"` // the product where none is said, with its version
	Products []device.Generation `json:"products"`
	OUIs     []string            `json:"ouis"`
	Rules    map[rules.Basis]int `json:"rules"`
	StandIns []rules.Rule        `json:"stand_ins"`
	Sources  []string            `json:"sources"`

	Agent    string        `json:"user_agent,omitempty"`
	DHCP     *dhcpForm     `json:"dhcp,omitempty"`
	Flags    []string      `json:"flags,omitempty"` // that stand for settings of this vendor
	Files    []fileForm    `json:"files,omitempty"`
	Settings []settingForm `json:"settings,omitempty"`
	Quirks   []quirkForm   `json:"quirks,omitempty"`

	counts string
}

type dhcpForm struct {
	Class   string `json:"class,omitempty"` // option 60
	Ask     []int  `json:"ask,omitempty"`   // option 55
	Servers []int  `json:"servers"`         // options that name the server, in their order
}

// fileForm is a transfer of a resync.
type fileForm struct {
	URL    string `json:"url"`
	Method string `json:"method"`
	Class  string `json:"class"`
}

type settingForm struct {
	Name    string `json:"name"`
	Web     string `json:"web,omitempty"`
	Type    string `json:"type"`
	Unit    string `json:"unit,omitempty"`
	Default string `json:"default,omitempty"`
	Meaning string `json:"meaning"`
	Source  string `json:"source,omitempty"`
}

// quirkForm is a quirk with its names in JSON.
type quirkForm struct {
	Name    string   `json:"name"`
	Values  []string `json:"values,omitempty"`
	Seconds bool     `json:"seconds,omitempty"`
	Rule    string   `json:"rule"`
	Meaning string   `json:"meaning"`
	Source  string   `json:"source"`
}

// vendorOf returns what is known about a vendor's phones.
func vendorOf(p *device.Personality, whole bool) (*vendorForm, error) {
	family := vendorRules(p)
	v := &vendorForm{
		Name: p.Name, Vendor: p.Vendor, Shipped: p.Shipped.Product + " " + p.Shipped.Software, Products: p.Products, Sources: p.Sources,
		OUIs: []string{}, counts: countText(family),
	}
	v.Rules, v.StandIns = ruleCounts(family)
	for _, oui := range p.OUIs {
		v.OUIs = append(v.OUIs, oui.String())
	}
	if !whole {
		return v, nil
	}
	id := p.Shipped
	if len(p.OUIs) > 0 {
		copy(id.MAC[:], p.OUIs[0][:])
	}
	id.MAC[5] = 1
	id.Serial = p.Serial(id.MAC)
	v.Agent = p.Agent(id)
	v.DHCP = &dhcpForm{Servers: numbers(p.Servers)}
	if p.DHCP != nil {
		said := p.DHCP(id)
		v.DHCP.Class, v.DHCP.Ask = printable(said.Class), numbers(said.Ask)
	}
	for _, s := range p.Shorthands {
		v.Flags = append(v.Flags, "--"+s.Name)
	}
	for s := range p.Parameters.All() {
		v.Settings = append(v.Settings, settingForm{s.Name, s.Web, s.Type.String(), s.Unit, s.Default, s.Meaning, s.Source})
	}
	for _, q := range p.Quirks {
		v.Quirks = append(v.Quirks, quirkForm(q))
	}
	var err error
	v.Files, err = filesOf(p, id)
	return v, err
}

// printable returns a text that can be shown: one with other bytes as hex digits,
// as --option takes it.
func printable(text string) string {
	for _, r := range text {
		if !strconv.IsPrint(r) {
			return "0x" + hex.EncodeToString([]byte(text))
		}
	}
	return text
}

func numbers(options []uint8) []int {
	all := make([]int, len(options))
	for i, o := range options {
		all[i] = int(o)
	}
	return all
}

// emptyServer is where a phone asks for its files and finds none.
const emptyServer = "http://192.0.2.1/"

// mostFiles is where the list of a phone's requests ends.
const mostFiles = 50

// filesOf returns what a phone of a vendor asks a server for that has no file.
func filesOf(p *device.Personality, id device.Identity) ([]fileForm, error) {
	m := device.NewModel(p, defaultCipher())
	stored := &device.Stored{}
	settings, option, _ := p.Expand("server", emptyServer)
	for _, s := range settings {
		var err error
		if stored.Config, err = set(m, stored.Config, "--server", s.Name, s.Value); err != nil {
			return nil, err
		}
	}
	lease := device.Lease{Addr: netip.MustParseAddr(anyAddr)}
	if option != 0 {
		lease.Offer = device.TextOffer(option, emptyServer)
	}
	var files []fileForm
	device.Rehearsal(m, id, stored, lease).Talk(resync.Resync, func(move *device.Move) *device.Reply {
		if len(files) == mostFiles {
			return nil
		}
		files = append(files, fileForm{move.URL, move.Request.Method.String(), move.Request.Class.String()})
		return &device.Reply{Outcome: resync.NotFound}
	})
	return files, nil
}

// print writes the form for people.
func (v *vendorForm) print(w io.Writer) error {
	fmt.Fprintf(w, "%-16s %s\n", v.Name, v.Vendor)
	if v.DHCP == nil {
		var products, standIns []string
		for _, g := range v.Products {
			products = append(products, g.Products...)
		}
		for _, r := range v.StandIns {
			standIns = append(standIns, r.ID)
		}
		line(w, "products", strings.Join(products, ", "))
		line(w, "addresses", strings.Join(v.OUIs, ", "))
		line(w, "behaviour", v.counts)
		line(w, "stand-ins", strings.Join(standIns, ", "))
		_, err := fmt.Fprintln(w)
		return err
	}
	for _, g := range v.Products {
		text := strings.Join(g.Products, ", ")
		if g.Name != "" {
			text = g.Name + ": " + text
		}
		line(w, "products", text)
	}
	line(w, "addresses", strings.Join(v.OUIs, ", "))
	line(w, "behaviour", v.counts)
	for _, r := range v.StandIns {
		line(w, "stand-in", r.ID+": "+r.Says)
	}
	for _, s := range v.Sources {
		line(w, "source", s)
	}
	line(w, "User-Agent", v.Agent)
	line(w, "option 60", v.DHCP.Class)
	line(w, "option 55", join(v.DHCP.Ask))
	line(w, "server from", "option "+join(v.DHCP.Servers))
	line(w, "flags", strings.Join(v.Flags, ", "))
	fmt.Fprintf(w, "\nWhat a %s asks for where --server %s has none of its files:\n", v.Shipped, emptyServer)
	for _, f := range v.Files {
		fmt.Fprintf(w, "  %-6s %-5s %s\n", f.Class, f.Method, f.URL)
	}
	fmt.Fprintln(w, "\nSettings:")
	for _, s := range v.Settings {
		name := s.Name
		if s.Web != "" && s.Web != s.Name {
			name = s.Web + ", " + s.Name
		}
		kind := s.Type
		if s.Unit != "" {
			kind = s.Unit
		}
		if s.Default != "" {
			kind += ", default " + s.Default
		}
		fmt.Fprintf(w, "  %s (%s)\n      %s\n", name, kind, s.Meaning)
	}
	fmt.Fprintln(w, "\nQuirks:")
	for _, q := range v.Quirks {
		name := q.Name
		if len(q.Values) > 0 {
			name += "=" + strings.Join(q.Values, "|")
		}
		fmt.Fprintf(w, "  %s (%s)\n      %s\n", name, q.Rule, q.Meaning)
	}
	_, err := fmt.Fprintln(w)
	return err
}

// line prints one item of what is known, if there is something.
func line(w io.Writer, name, text string) {
	if text != "" {
		fmt.Fprintf(w, "  %-12s %s\n", name, text)
	}
}

func join(options []int) string {
	words := make([]string, len(options))
	for i, o := range options {
		words[i] = strconv.Itoa(o)
	}
	return strings.Join(words, ", ")
}
