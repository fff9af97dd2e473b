//go:build linux

package dhcp

import (
	"bytes"
	"testing"

	"golang.org/x/net/bpf"
)

// What the kernel lets pass is what the interface reads, and little else.
func TestFilter(t *testing.T) {
	vm, err := bpf.NewVM(filter())
	if err != nil {
		t.Fatal(err)
	}
	reply := fromServer(packetText{options: soundly + end}.bytes(t))
	with := func(at int, value byte) []byte {
		frame := bytes.Clone(reply)
		frame[at] = value
		return frame
	}
	longer := bytes.Clone(reply[:ethernetSize])
	longer = append(append(longer, 0x46), reply[ethernetSize+1:ethernetSize+ipSize]...)
	longer = append(append(longer, 1, 1, 1, 1), reply[ethernetSize+ipSize:]...) // an IP header with options
	longer[ethernetSize+3] += 4
	for _, c := range []struct {
		rule   string
		frame  []byte
		passes bool
	}{
		{"a reply to a client", reply, true},
		{"a reply with IP options", longer, true},
		{"ARP", ethernet(everybody, routerMAC, typeARP, 0), true},
		{"a client's message", datagram(everybody, phoneMAC, toAll, fromNone, nil), false},
		{"another protocol than IPv4", with(12, 0x86), false},
		{"TCP", with(ethernetSize+9, 6), false},
		{"a later fragment", with(ethernetSize+7, 1), false},
		{"another port", with(ethernetSize+ipSize+3, 69), false},
		{"a frame that is cut", reply[:ethernetSize+ipSize], false},
	} {
		n, err := vm.Run(c.frame)
		if passes := n > 0; err != nil || passes != c.passes {
			t.Errorf("%s: passes %v, %v, want %v", c.rule, passes, err, c.passes)
		}
		if _, _, ok := undatagram(c.frame); ok && n == 0 {
			t.Errorf("%s: the filter drops what the interface reads", c.rule)
		}
	}
	if _, packet, ok := undatagram(longer); !ok || !bytes.Equal(packet, reply[ethernetSize+ipSize+udpSize:]) {
		t.Error("a reply with IP options is not read")
	}
}
