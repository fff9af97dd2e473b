package fleet

import (
	"encoding/binary"
	"net/netip"
	"time"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/encrypt"
	"provsim/profile"
)

// crew knows who each device of a scenario is. Everything is computed from the
// device's number, so a million devices cost what one does.
type crew struct {
	*Scenario // with its defaults filled in
	model     *device.Model
	makes     []*device.Make
	products  []float64 // weights
	mixes     []float64
	fresh     []*device.Stored // by settings
	applied   []*device.Stored // likewise, of devices that are not new
	places    []place
	starts    starts
	option66  string
	first     netip.Addr
	base      uint32 // the last four bytes of device 0's address
}

// newCrew trusts that the scenario has been validated.
func newCrew(s *Scenario) (*crew, error) {
	s = s.filled()
	p := &s.Population
	cipher, err := encrypt.Lookup(p.Cipher)
	if err != nil {
		return nil, err
	}
	m := device.NewModel(&flyingvoice.Personality, cipher)
	m.Quirks, m.Seed, m.BootTime, m.Timeout, m.Agent = s.quirks(), s.Seed, p.BootTime, p.Timeout, p.UserAgent
	m.TFTP = device.TFTPOptions(p.TFTP)
	m.Memo = device.NewMemo()
	c := &crew{
		Scenario: s, model: m, option66: p.Option66, first: p.Addresses.Addr().Next(),
		base:   binary.BigEndian.Uint32(p.MAC[2:]),
		places: places(s.Sites, s.Devices), starts: startsOf(s.Phases, s.Devices),
	}
	for _, product := range p.Products {
		mk := &device.Make{Product: product.Name, Hardware: product.Hardware, Software: product.Software}
		if p.Serial != "" {
			mk.Serial = serial(p.Serial, product)
		}
		c.makes, c.products = append(c.makes, mk), append(c.products, product.Weight)
	}
	return c, c.fill()
}

// fill makes the memories that devices begin with. Devices share them.
func (c *crew) fill() error {
	given, err := settings(profile.Config{}, c.Configuration.Settings)
	if err != nil {
		return err
	}
	for _, mix := range c.Population.Settings {
		config, err := c.rules()
		if err == nil {
			config, err = settings(config, mix.Set)
		}
		if err != nil {
			return err
		}
		stored := &device.Stored{Config: config, Version: c.Population.Version}
		if stored.Version == c.Configuration.Version {
			stored.Config = config.Merge(given)
		}
		c.mixes = append(c.mixes, mix.Weight)
		c.fresh = append(c.fresh, &device.Stored{Config: config})
		c.applied = append(c.applied, stored)
	}
	return nil
}

// rules returns what the population's rules mean as settings.
func (c *crew) rules() (profile.Config, error) {
	p := &c.Population
	set := map[string]string{}
	if p.ProfileRule != "" {
		set["Option 66"], set["Profile Rule"] = "0", p.ProfileRule
	}
	if p.ConfigFileName != "" {
		set["Config File Name"] = p.ConfigFileName
	}
	if p.UpgradeRule != "" {
		set["Upgrade Rule"] = p.UpgradeRule
	}
	return settings(profile.Config{}, set)
}

// settings puts values by web or file name on a configuration.
func settings(config profile.Config, set map[string]string) (profile.Config, error) {
	for _, name := range sorted(set) {
		p, _ := flyingvoice.Personality.Parameters.Find(name)
		next, err := config.With(p.Name, set[name])
		if err != nil {
			return config, err
		}
		config = next
	}
	return config, nil
}

// mac returns the address of device n.
func (c *crew) mac(n int) (mac device.MAC) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], number(c.Population.MAC)+uint64(n))
	copy(mac[:], b[2:])
	return mac
}

// number returns which device has an address, given that one has. Four bytes
// are enough to tell them apart.
func (c *crew) number(mac device.MAC) int { return int(binary.BigEndian.Uint32(mac[2:]) - c.base) }

// makeOf returns what kind of device it is.
func (c *crew) makeOf(n int) *device.Make {
	if len(c.makes) == 1 {
		return c.makes[0]
	}
	return c.makes[share(c.products, unit(draw(c.Seed, n, drawProduct, 0)))]
}

// memory returns what a device has stored before the run.
func (c *crew) memory(n int) *device.Stored {
	i := 0
	if len(c.mixes) > 1 {
		i = share(c.mixes, unit(draw(c.Seed, n, drawSettings, 0)))
	}
	isNew := c.Population.New > 0 && unit(draw(c.Seed, n, drawNew, 0)) < float64(c.Population.New)
	if c.Population.Version == "" || isNew {
		return c.fresh[i]
	}
	return c.applied[i]
}

// identity returns who a device is, with the software that it shipped with.
func (c *crew) identity(n int) device.Identity {
	mk, mac := c.makeOf(n), c.mac(n)
	id := device.Identity{MAC: mac, Product: mk.Product, Hardware: mk.Hardware, Software: mk.Software}
	id.Serial = flyingvoice.Personality.Serial(mac)
	if mk.Serial != nil {
		id.Serial = mk.Serial(mac)
	}
	return id
}

// lease returns what DHCP gives a device.
func (c *crew) lease(n int) device.Lease {
	return device.Lease{Addr: after(c.first, n), Option66: c.option66}
}

// after returns the address that is n higher.
func after(addr netip.Addr, n int) netip.Addr {
	if addr.Is4() {
		b := addr.As4()
		binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(b[:])+uint32(n))
		return netip.AddrFrom4(b)
	}
	b := addr.As16()
	low := binary.BigEndian.Uint64(b[8:])
	binary.BigEndian.PutUint64(b[8:], low+uint64(n))
	if low+uint64(n) < low {
		binary.BigEndian.PutUint64(b[:8], binary.BigEndian.Uint64(b[:8])+1)
	}
	return netip.AddrFrom16(b)
}

// kindOf returns the number of the kind of site where a device stands.
func (c *crew) kindOf(n int) int {
	i := 0
	for n >= c.places[i].to {
		i++
	}
	return i
}

// place returns where a device stands.
func (c *crew) place(n int) *place { return &c.places[c.kindOf(n)] }

// sites returns how many sites there are.
func (c *crew) sites() int {
	last := &c.places[len(c.places)-1]
	return last.firstSite + last.count()
}

// has reports whether a device is in the part that an event is about. The
// occasion tells events apart.
func (c *crew) has(p Part, occasion uint64, n int) bool {
	of := n
	if p.Site != "" {
		at := c.place(n)
		if at.Name != p.Site {
			return false
		}
		of = -1 - at.site(n) // no device's number
	}
	return p.Devices.orAll() == 1 || unit(draw(c.Seed, of, drawMember, occasion)) < float64(p.Devices)
}

// period returns the time between two resyncs of the settings with the most
// weight; 0 where they have none.
func (c *crew) period() time.Duration {
	most := 0
	for i, w := range c.mixes {
		if w > c.mixes[most] {
			most = i
		}
	}
	stored := c.applied[most]
	if c.Population.Version == "" {
		stored = c.fresh[most]
	}
	d, _ := c.model.Personality.Boot(c.model, stored.Config).Timers().Periodic.At(0, 0)
	return d
}
