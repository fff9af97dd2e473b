package inventory

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"

	"provsim/device"
	"provsim/encrypt"
	"provsim/fleet/scenario"
	"provsim/macro"
	"provsim/profile"
)

// Inventory says who the devices of a run are. Its methods take a device by its
// place in the inventory, from 0 to Len-1; [Inventory.Number] is its number in the
// fleet. Everything is computed from that number, so a million devices cost what
// one does. An inventory does not change, so its methods may be called from any
// goroutine.
type Inventory struct {
	Scenario *scenario.Scenario // with its defaults filled in
	Model    *device.Model      // what the devices of the first vendor share

	shard  Shard
	order  []int32 // by place: the number; nil: as in the shard
	length int

	kinds    []*kind
	made     []uint16 // by place: that of the device's kind in kinds; nil: it is worked out each time
	products []Kind
	choices  []choice // of kinds: one, or one for each kind of phone of the list
	vendors  []*vendor
	mixes    []float64 // weights of the settings
	places   []Place
	starts   []start
	network  netip.Addr // the address of device 0
	base     uint32     // the last four bytes of the MAC address of device 0
	listed              // the phones of a list
}

// kind is a product and its vendor.
type kind struct {
	*device.Product
	vendor int
	number int // by its place in Kinds
	place  int // in the inventory's kinds
}

// choice is the kinds of which a device is one, by their weights.
type choice struct {
	kinds   []*kind
	weights []float64
}

// vendor is what the devices of one vendor have in common.
type vendor struct {
	model *device.Model
	oui   [3]byte // how addresses begin, where there are several vendors
	way           // of the devices that the list leads nowhere else
}

// way is how devices begin, and what their leases have.
type way struct {
	vendor  int
	offer   *device.Offer
	fresh   []*device.Stored // by settings
	applied []*device.Stored // likewise, of devices that are not new
}

// New returns the inventory of a shard, in the order of the devices' numbers. The
// error says what is wrong with the scenario, its list of phones or the shard.
func New(s *scenario.Scenario, shard Shard) (*Inventory, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	s = s.Filled()
	if err := shard.Check(s.Devices); err != nil {
		return nil, err
	}
	p := &s.Population
	if p.Phones != "" && p.List == nil {
		return nil, fmt.Errorf("the list of phones %s was not read", p.Phones)
	}
	v := &Inventory{
		Scenario: s, shard: shard, length: shard.Len(s.Devices), network: p.Addresses.Addr().Next(),
		base:   binary.BigEndian.Uint32(p.MAC[2:]),
		places: placesOf(s.Sites, s.Devices), starts: startsOf(s.Phases, s.Devices),
	}
	cipher, err := encrypt.Lookup(p.Cipher)
	if err != nil {
		return nil, err
	}
	memo := device.NewMemo()
	for number, personality := range p.Vendors() {
		m := device.NewModel(personality, cipher)
		m.Quirks, m.Seed, m.BootTime, m.Timeout, m.Agent = p.QuirksOf(personality), s.Seed, p.BootTime, p.Timeout, p.UserAgent
		m.TFTP, m.TLS, m.Memo = device.TFTPOptions(p.TFTP), p.TLS, memo
		oui := personality.OUIs[0]
		if personality == p.Personality() {
			copy(oui[:], p.MAC[:])
		}
		begin, err := v.begins(personality, number, scenario.PhoneLead{})
		if err != nil {
			return nil, err
		}
		v.vendors = append(v.vendors, &vendor{m, oui, begin})
	}
	v.Model = v.vendors[0].model
	for _, mix := range p.Settings {
		v.mixes = append(v.mixes, mix.Weight)
	}
	choices := [][]scenario.Product{p.Products}
	if p.List != nil {
		choices = p.KindsOf()
	}
	for _, products := range choices {
		v.choices = append(v.choices, v.choiceOf(products))
	}
	return v, v.list()
}

// choiceOf returns the kinds that products make.
func (v *Inventory) choiceOf(products []scenario.Product) (c choice) {
	p := &v.Scenario.Population
	for _, product := range products {
		personality := p.VendorOf(&product)
		made := &kind{
			&device.Product{Name: product.Name, Hardware: product.Hardware, Software: product.Software},
			slices.IndexFunc(v.vendors, func(of *vendor) bool { return of.model.Personality == personality }), 0, len(v.kinds),
		}
		made.Serial = v.serial(personality, product)
		same := func(k *kind) bool {
			return k.vendor == made.vendor && k.Name == made.Name && k.Hardware == made.Hardware && k.Software == made.Software
		}
		if at := slices.IndexFunc(v.kinds, same); at >= 0 {
			made = v.kinds[at]
		} else {
			v.kinds = append(v.kinds, made)
			of := Kind{made.vendor, made.Name}
			if made.number = slices.Index(v.products, of); made.number < 0 {
				made.number = len(v.products)
				v.products = append(v.products, of)
			}
		}
		c.kinds, c.weights = append(c.kinds, made), append(c.weights, product.Weight)
	}
	return c
}

// serial returns what gives the devices of a product their serial numbers: the list of
// phones, else the pattern of the scenario. It is nil where the vendor does.
func (v *Inventory) serial(p *device.Personality, product scenario.Product) func(device.MAC) string {
	pattern, list := v.Scenario.Population.Serial, v.Scenario.Population.List
	all := p.Serial
	if pattern != "" {
		all = func(mac device.MAC) string {
			id := device.Identity{MAC: mac, Product: product.Name, Hardware: product.Hardware, Software: product.Software}
			return macro.Expand(pattern, p.Vars(id, device.Lease{}), p.Macros(nil))
		}
	}
	switch {
	case list != nil && list.HasSerials():
		return func(mac device.MAC) string {
			if n, ok := v.numberOf(mac); ok && list.Serial(n) != "" {
				return list.Serial(n)
			}
			return all(mac)
		}
	case pattern != "":
		return all
	}
	return nil
}

// begins returns how devices of a vendor begin that are led there, or nowhere else than
// the scenario leads all.
func (v *Inventory) begins(personality *device.Personality, number int, lead scenario.PhoneLead) (way, error) {
	p := &v.Scenario.Population
	w := way{vendor: number}
	texts, option66, rules := p.Options, p.Option66, *p
	settings, option := []device.Setting(nil), uint8(0)
	if lead == (scenario.PhoneLead{}) && option66 == scenario.DefaultOption66 && !slices.Contains(personality.Servers, 66) {
		lead.Server = option66 // no one has named a server, and phones that do not read option 66 ask as the others do
	}
	if lead != (scenario.PhoneLead{}) {
		settings, option, _, _ = lead.Expand(personality)
		option66, rules.ProfileRule, rules.RedirectServer = "", "", ""
	}
	if option != 0 {
		texts = append(slices.Clone(texts), fmt.Sprintf("%d=%s", option, lead.Server))
	}
	options, err := device.ParseOptions(texts)
	if err != nil {
		return w, err
	}
	w.offer = options.Offer(option66)
	own := map[string]string{}
	for _, s := range settings {
		own[s.Name] = s.Value
	}
	given, err := scenario.Apply(personality, profile.Config{}, v.Scenario.Configuration.Settings)
	if err != nil {
		return w, err
	}
	for _, mix := range p.Settings {
		config, err := scenario.Apply(personality, profile.Config{}, rules.Rules(personality))
		for _, set := range []map[string]string{mix.Set, own} {
			if err == nil {
				config, err = scenario.Apply(personality, config, set)
			}
		}
		if err != nil {
			return w, err
		}
		fresh := &device.Stored{Config: config}
		applied := fresh
		if p.Version != "" {
			applied = &device.Stored{Config: config, Version: p.Version}
			if p.Version == v.Scenario.Configuration.Version {
				applied.Config = config.Merge(given)
			}
		}
		w.fresh, w.applied = append(w.fresh, fresh), append(w.applied, applied)
	}
	return w, nil
}
