package limits

import "time"

// A Reader reads how much of a machine is in use.
type Reader interface {
	Read() Readings
}

// Readings are what a process uses, and what it can have. A limit of 0 is not
// known.
type Readings struct {
	Descriptors, DescriptorLimit uint64        // open files and sockets
	Ports, PortLimit             uint64        // local ports in use on this machine, and those of all source addresses
	Memory, MemoryLimit          uint64        // bytes
	CPU                          time.Duration // processor time used so far
	CPUs                         float64       // processors
}
