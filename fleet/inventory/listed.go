package inventory

import (
	"bytes"
	"slices"

	"provsim/device"
	"provsim/fleet/scenario"
)

// listed is what a list of phones says about the devices, by their numbers.
type listed struct {
	byMAC []int32 // the devices in the order of their addresses; nil: the addresses follow from the numbers
	ways  []*way  // other than those of the vendors
	wayOf []int32 // by device: 1 more than one of the ways, or 0 for that of its vendor; nil: all are
}

// list takes up the list of phones. The error says that two of them have one address.
func (v *Inventory) list() error {
	list := v.Scenario.Population.List
	if list == nil {
		return nil
	}
	whole := v.Whole()
	type led struct{ vendor, lead int }
	known := map[led]int32{}
	for i := range whole.Len() {
		number, lead := list.Lead(i)
		if lead == (scenario.PhoneLead{}) {
			continue
		}
		if v.wayOf == nil {
			v.wayOf = make([]int32, whole.Len())
		}
		to := led{whole.Vendor(i), number}
		if known[to] == 0 {
			w, err := v.begins(v.vendors[to.vendor].model.Personality, to.vendor, lead)
			if err != nil {
				return err
			}
			v.ways = append(v.ways, &w)
			known[to] = int32(len(v.ways))
		}
		v.wayOf[i] = known[to]
	}
	v.byMAC = make([]int32, whole.Len())
	for i := range v.byMAC {
		v.byMAC[i] = int32(i)
	}
	slices.SortFunc(v.byMAC, func(a, b int32) int {
		left, right := whole.MAC(int(a)), whole.MAC(int(b))
		return bytes.Compare(left[:], right[:])
	})
	for i := 1; i < len(v.byMAC); i++ {
		a, b := int(min(v.byMAC[i-1], v.byMAC[i])), int(max(v.byMAC[i-1], v.byMAC[i]))
		if whole.MAC(a) == whole.MAC(b) {
			fault := list.Fault(b, "mac", "found %v twice, phone %d has it too; an address that a row leaves out follows from its place and the scenario's first", whole.MAC(b), a+1)
			return &scenario.Error{Faults: []scenario.Fault{fault}}
		}
	}
	return nil
}

// find returns the number of the device that has an address.
func (v *Inventory) find(mac device.MAC) (int, bool) {
	whole := v.Whole()
	at, ok := slices.BinarySearchFunc(v.byMAC, mac, func(n int32, mac device.MAC) int {
		of := whole.MAC(int(n))
		return bytes.Compare(of[:], mac[:])
	})
	if !ok {
		return 0, false
	}
	return int(v.byMAC[at]), true
}

// wayAt returns how a device begins.
func (v *Inventory) wayAt(i int) *way {
	if v.wayOf != nil {
		if at := v.wayOf[v.Number(i)]; at > 0 {
			return v.ways[at-1]
		}
	}
	return &v.vendors[v.Vendor(i)].way
}
