package dhcp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"provsim/device"
)

// openPacketSocket returns a socket that reads and writes frames of an
// interface, ARP and packets for DHCP clients alone.
func openPacketSocket(name string) (io.ReadWriteCloser, error) {
	link, err := net.InterfaceByName(name)
	if err != nil {
		return nil, err
	}
	if len(link.HardwareAddr) != len(device.MAC{}) || link.Flags&net.FlagLoopback != 0 {
		return nil, errors.New("found no Ethernet address, want an Ethernet interface; on others a relay agent works")
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return nil, fmt.Errorf("a packet socket needs the capability CAP_NET_RAW, as by setcap cap_net_raw=ep on the program: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	if err := listenTo(fd, link.Index); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "packet socket on "+name), nil
}

// listenTo makes a socket hear an interface. The filter comes first, so that
// nothing else is ever in the receive buffer.
func listenTo(fd, link int) error {
	program, err := bpf.Assemble(filter())
	if err != nil {
		return fmt.Errorf("packet filter: %w", err)
	}
	code := make([]unix.SockFilter, len(program))
	for i, p := range program {
		code[i] = unix.SockFilter{Code: p.Op, Jt: p.Jt, Jf: p.Jf, K: p.K}
	}
	if err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}); err != nil {
		return fmt.Errorf("packet filter: %w", err)
	}
	if err := enlarge(fd); err != nil {
		return fmt.Errorf("receive buffer: %w", err)
	}
	all := binary.NativeEndian.Uint16([]byte{0, unix.ETH_P_ALL}) // in network order
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: link}); err != nil {
		return fmt.Errorf("packet socket: %w", err)
	}
	// The clients' hardware addresses are not the interface's, which without this
	// takes no unicasts for them.
	mode := &unix.PacketMreq{Ifindex: int32(link), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, mode); err != nil {
		return fmt.Errorf("promiscuous mode: %w", err)
	}
	return nil
}

// filter lets ARP pass, and UDP to the clients' port that is no fragment.
func filter() []bpf.Instruction {
	const (
		protocolAt = ethernetSize + 9
		fragmentAt = ethernetSize + 6
		portAt     = ethernetSize + 2 // beside the size of the IP header
	)
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: 12, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: typeARP, SkipTrue: 8},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: typeIPv4, SkipTrue: 8},
		bpf.LoadAbsolute{Off: protocolAt, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: protocolUDP, SkipTrue: 6},
		bpf.LoadAbsolute{Off: fragmentAt, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: 0x1fff, SkipTrue: 4},
		bpf.LoadMemShift{Off: ethernetSize},
		bpf.LoadIndirect{Off: portAt, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: clientPort, SkipTrue: 1},
		bpf.RetConstant{Val: 1 << 16},
		bpf.RetConstant{Val: 0},
	}
}
