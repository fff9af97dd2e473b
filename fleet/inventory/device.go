package inventory

import (
	"encoding/binary"
	"math"
	"net/netip"
	"slices"
	"time"

	"provsim/device"
	"provsim/fleet/scenario"
	"provsim/macro"
	"provsim/resync"
)

// Whole returns the inventory of all devices of the fleet. Where they are of several
// kinds, that of each is noted: a plan asks for it several times a transfer.
func (v *Inventory) Whole() *Inventory {
	whole := *v
	whole.shard, whole.order, whole.length = Shard{}, nil, v.Scenario.Devices
	if len(v.kinds) > 1 && len(v.kinds) <= math.MaxUint16 {
		made := make([]uint16, whole.length)
		for i := range made {
			made[i] = uint16(whole.kind(i).place)
		}
		whole.made = made
	}
	return &whole
}

// Len returns how many devices there are.
func (v *Inventory) Len() int { return v.length }

// Number returns a device's number in the fleet.
func (v *Inventory) Number(i int) int {
	if v.order != nil {
		return int(v.order[i])
	}
	return v.shard.Number(i)
}

// MAC returns a device's address.
func (v *Inventory) MAC(i int) (mac device.MAC) {
	if list := v.Scenario.Population.List; list != nil {
		if mac = list.MAC(v.Number(i)); mac != (device.MAC{}) {
			return mac
		}
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], scenario.Number(v.Scenario.Population.MAC)+uint64(v.Number(i)))
	copy(mac[:], b[2:])
	if len(v.vendors) > 1 {
		copy(mac[:], v.vendors[v.kind(i).vendor].oui[:])
	}
	return mac
}

// Index returns the device that has an address. For an address that no device has
// it returns any number.
func (v *Inventory) Index(mac device.MAC) int {
	n, ok := v.numberOf(mac)
	switch {
	case !ok:
		return -1
	case v.order != nil:
		return slices.Index(v.order, int32(n))
	}
	i, _ := v.shard.IndexOf(n)
	return i
}

// numberOf returns the number of the device that has an address, as Index does.
func (v *Inventory) numberOf(mac device.MAC) (int, bool) {
	if v.byMAC != nil {
		return v.find(mac)
	}
	n := int(binary.BigEndian.Uint32(mac[2:]) - v.base) // four bytes tell the devices of a fleet apart
	if len(v.vendors) > 1 {
		n &= 1<<24 - 1 // the vendors give the byte before
	}
	return n, true
}

// kind returns what kind of device it is.
func (v *Inventory) kind(i int) *kind {
	if v.made != nil {
		return v.kinds[v.made[i]]
	}
	c := &v.choices[0]
	if list := v.Scenario.Population.List; list != nil {
		c = &v.choices[list.Kind(v.Number(i))]
	}
	if len(c.kinds) == 1 {
		return c.kinds[0]
	}
	return c.kinds[share(c.weights, v.Draw(i, drawProduct, 0))]
}

// Product returns the device's product.
func (v *Inventory) Product(i int) *device.Product { return v.kind(i).Product }

// Vendors returns the firmware of all devices, each once.
func (v *Inventory) Vendors() []*device.Personality {
	list := make([]*device.Personality, len(v.vendors))
	for i, of := range v.vendors {
		list[i] = of.model.Personality
	}
	return list
}

// Kind is a product of a vendor, which is named by its place in Vendors.
type Kind struct {
	Vendor  int
	Product string
}

// Kinds returns the products of all devices, each once.
func (v *Inventory) Kinds() []Kind { return v.products }

// Kind returns the number of the device's product, by its place in Kinds.
func (v *Inventory) Kind(i int) int { return v.kind(i).number }

// Vendor returns the number of the device's vendor, by its place in Vendors.
func (v *Inventory) Vendor(i int) int {
	if len(v.vendors) == 1 {
		return 0
	}
	return v.kind(i).vendor
}

// ModelOf returns what the device has in common with others of its vendor.
func (v *Inventory) ModelOf(i int) *device.Model { return v.vendors[v.Vendor(i)].model }

// SetEpoch sets the wall time of the run's begin.
func (v *Inventory) SetEpoch(t time.Time) {
	for _, of := range v.vendors {
		of.model.Epoch = t
	}
}

// Identity returns who a device is, with the software that it shipped with.
func (v *Inventory) Identity(i int) device.Identity { return v.identity(v.kind(i), v.MAC(i)) }

func (v *Inventory) identity(made *kind, mac device.MAC) device.Identity {
	id := device.Identity{MAC: mac, Product: made.Name, Hardware: made.Hardware, Software: made.Software}
	if made.Serial != nil {
		id.Serial = made.Serial(mac)
	} else {
		id.Serial = v.vendors[made.vendor].model.Personality.Serial(mac)
	}
	return id
}

// Vars returns the macro variables of a device with a lease, which may be zero.
func (v *Inventory) Vars(i int, l device.Lease) macro.Vars {
	return v.ModelOf(i).Personality.Vars(v.Identity(i), l)
}

// Stored returns what a device has stored before the run. Devices share it.
func (v *Inventory) Stored(i int) *device.Stored {
	mix := 0
	if len(v.mixes) > 1 {
		mix = share(v.mixes, v.Draw(i, drawSettings, 0))
	}
	p, of := &v.Scenario.Population, v.wayAt(i)
	if p.Version == "" || p.New > 0 && v.Draw(i, drawNew, 0).Unit() < float64(p.New) {
		return of.fresh[mix]
	}
	return of.applied[mix]
}

// Lease returns the lease that a device gets without a DHCP server.
func (v *Inventory) Lease(i int) device.Lease {
	addr := after(v.network, v.Number(i))
	if list := v.Scenario.Population.List; list != nil && list.Addr(v.Number(i)).IsValid() {
		addr = list.Addr(v.Number(i))
	}
	return device.Lease{Addr: addr, Offer: v.wayAt(i).offer}
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

// Devices makes the devices, side by side in memory and without power.
func (v *Inventory) Devices() []device.Device {
	devices := make([]device.Device, v.length)
	for i := range devices {
		devices[i].Init(v.ModelOf(i), v.Product(i), v.MAC(i), v.Stored(i))
	}
	return devices
}

// Period returns the time between two resyncs of the first vendor's devices with the
// settings that have the most weight; 0 where these have none.
func (v *Inventory) Period() time.Duration {
	most := 0
	for i, w := range v.mixes {
		if w > v.mixes[most] {
			most = i
		}
	}
	stored := v.vendors[0].applied[most]
	if v.Scenario.Population.Version == "" {
		stored = v.vendors[0].fresh[most]
	}
	d := time.Duration(0)
	if s := device.Rehearsal(v.Model, v.Identity(0), stored, device.Lease{}).Timers().Schedule(resync.Resync); s != nil {
		d, _ = s.Every.At(0, 0)
	}
	return d
}

// share returns which of several weights a draw falls to.
func share(weights []float64, r Random) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at := r.Unit()
	for i, w := range weights {
		if at -= w / sum; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}
