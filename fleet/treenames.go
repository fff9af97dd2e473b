package fleet

import (
	"encoding/hex"
	"strings"

	"provsim/device"
	"provsim/fleet/inventory"
)

// treeNames finds the files of a vendor's tree by their names. A name is looked up as
// a pattern, which has a mark in place of the device's address: devices of one product
// share it, so that the templates are expanded for the first of them alone.
type treeNames struct {
	vendor *device.Personality
	any    [classes]int // by class: the file of every name, where the tree has no others
	known  map[pattern]int
	room   []byte
}

// classes is the size of tables by [device.Class].
const classes = int(device.StatusClass) + 1

// pattern is a name that devices of a product ask for.
type pattern struct {
	product *device.Product
	class   device.Class
	name    string
}

// mostPatterns bounds what is remembered of names that no template gives.
const mostPatterns = 1 << 10

// The marks for the address in lower case, in upper case, and for one without letters.
const (
	lowerMark  = 1
	upperMark  = 2
	digitsMark = 3
)

func newTreeNames(vendor *device.Personality) treeNames {
	n := treeNames{vendor: vendor, known: map[pattern]int{}}
	for _, class := range device.Classes() {
		n.any[class] = -1
		for i, f := range vendor.Tree.Files {
			if f.Class == class {
				if f.Name == "" {
					n.any[class] = i
				}
				break
			}
		}
	}
	return n
}

// find returns the number of the file that a device asks for, or -1.
func (n *treeNames) find(devices *inventory.Inventory, i int, req *device.Request) int {
	if all := n.any[req.Class]; all >= 0 {
		return all
	}
	name := req.Path[strings.LastIndexByte(req.Path, '/')+1:]
	n.room = appendPattern(n.room[:0], name, req.From.MAC)
	product := devices.Product(i)
	if number, ok := n.known[pattern{product, req.Class, string(n.room)}]; ok {
		return number
	}
	number := n.vendor.TreeFile(devices.Identity(i), req.Class, name)
	if len(n.known) >= mostPatterns {
		clear(n.known)
	}
	n.known[pattern{product, req.Class, string(n.room)}] = number
	return number
}

// appendPattern appends a name with a mark in place of an address.
func appendPattern(dst []byte, name string, mac device.MAC) []byte {
	var lower, upper [12]byte
	hex.Encode(lower[:], mac[:])
	mark := byte(digitsMark)
	for i, c := range lower {
		if upper[i] = c; c >= 'a' {
			upper[i], mark = c-'a'+'A', lowerMark
		}
	}
	at := strings.Index(name, string(lower[:]))
	if at < 0 {
		at, mark = strings.Index(name, string(upper[:])), upperMark
	}
	if at < 0 {
		return append(dst, name...)
	}
	dst = append(append(dst, name[:at]...), mark)
	return append(dst, name[at+len(lower):]...)
}
