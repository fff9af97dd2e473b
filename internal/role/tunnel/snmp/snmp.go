// Package snmp writes and reads the SNMPv2c messages of a tunnel: traps, polls,
// and the answers of a device's system group (WT-SVC-2).
package snmp

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"
)

// Object identifiers (RFC 3418). KeepAlive is the vendor's acKeepAlive.
const (
	SysDescr  = ".1.3.6.1.2.1.1.1.0"
	SysUpTime = ".1.3.6.1.2.1.1.3.0"
	trapOID   = ".1.3.6.1.6.3.1.1.4.1.0"
	ColdStart = ".1.3.6.1.6.3.1.1.5.1"
	KeepAlive = ".1.3.6.1.4.1.5003.9.10.1.21.2.0.16"
)

// hundredths are what SNMP counts time in.
func hundredths(d time.Duration) uint32 { return uint32(d / (10 * time.Millisecond)) }

// Trap returns a trap of a device that has been up for a time.
func Trap(community, oid string, up time.Duration, id uint32) ([]byte, error) {
	return encode(&gosnmp.SnmpPacket{
		Community: community, PDUType: gosnmp.SNMPv2Trap, RequestID: id,
		Variables: []gosnmp.SnmpPDU{
			{Name: SysUpTime, Type: gosnmp.TimeTicks, Value: hundredths(up)},
			{Name: trapOID, Type: gosnmp.ObjectIdentifier, Value: oid},
		},
	})
}

// Get returns a request for objects.
func Get(community string, id uint32, oids ...string) ([]byte, error) {
	p := &gosnmp.SnmpPacket{Community: community, PDUType: gosnmp.GetRequest, RequestID: id}
	for _, oid := range oids {
		p.Variables = append(p.Variables, gosnmp.SnmpPDU{Name: oid, Type: gosnmp.Null})
	}
	return encode(p)
}

func encode(p *gosnmp.SnmpPacket) ([]byte, error) {
	p.Version = gosnmp.Version2c
	return p.MarshalMsg()
}

// Message is what came in, as far as the ends of a tunnel look at it.
type Message struct {
	Community string
	ID        uint32
	Trap      string // its OID; empty for other messages
	Response  bool
	Values    map[string]string // of a response, by OID

	packet *gosnmp.SnmpPacket
}

// ErrBroken says that a datagram is no SNMPv2c message.
var ErrBroken = errors.New("no SNMPv2c message")

// Decode reads a datagram. It comes from outside, so a decoder that gives up on it
// by a panic has only found it broken.
func Decode(b []byte) (m *Message, err error) {
	defer func() {
		if recover() != nil {
			m, err = nil, ErrBroken
		}
	}()
	p, failed := (&gosnmp.GoSNMP{Version: gosnmp.Version2c, MaxOids: gosnmp.MaxOids}).SnmpDecodePacket(b)
	if failed != nil || p.Version != gosnmp.Version2c {
		return nil, ErrBroken
	}
	m = &Message{Community: p.Community, ID: p.RequestID, Response: p.PDUType == gosnmp.GetResponse, packet: p}
	for _, v := range p.Variables {
		if oid, ok := v.Value.(string); ok && v.Name == trapOID && p.PDUType == gosnmp.SNMPv2Trap {
			m.Trap = oid
		}
		if m.Response {
			if m.Values == nil {
				m.Values = map[string]string{}
			}
			m.Values[v.Name] = text(v.Value)
		}
	}
	return m, nil
}

func text(value any) string {
	if b, ok := value.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(value)
}

// System is the system group of a device (RFC 3418 section 2).
type System struct {
	Community, Descr, Name string
	Up                     time.Duration
}

func (s *System) group() []gosnmp.SnmpPDU {
	const group = ".1.3.6.1.2.1.1."
	return []gosnmp.SnmpPDU{
		{Name: SysDescr, Type: gosnmp.OctetString, Value: s.Descr},
		{Name: group + "2.0", Type: gosnmp.ObjectIdentifier, Value: ".1.3.6.1.4.1.5003"},
		{Name: SysUpTime, Type: gosnmp.TimeTicks, Value: hundredths(s.Up)},
		{Name: group + "4.0", Type: gosnmp.OctetString, Value: ""},
		{Name: group + "5.0", Type: gosnmp.OctetString, Value: s.Name},
		{Name: group + "6.0", Type: gosnmp.OctetString, Value: ""},
		{Name: group + "7.0", Type: gosnmp.Integer, Value: 72},
	}
}

// mostVariables is how many objects one answer has, whatever is asked for.
const mostVariables = 32

// Answer returns the answer to a request for the system group: get, get-next and
// get-bulk. It is nil for another community or another kind of message.
func (s *System) Answer(b []byte) []byte {
	m, err := Decode(b)
	if err != nil || m.Community != s.Community {
		return nil
	}
	p := m.packet
	answer := &gosnmp.SnmpPacket{Community: m.Community, PDUType: gosnmp.GetResponse, RequestID: p.RequestID}
	times := 1
	switch p.PDUType {
	case gosnmp.GetRequest:
		times = 0
	case gosnmp.GetNextRequest:
	case gosnmp.GetBulkRequest:
		times = max(1, min(int(p.MaxRepetitions), mostVariables))
	default:
		return nil
	}
	for _, v := range p.Variables {
		name := v.Name
		if times == 0 {
			answer.Variables = append(answer.Variables, s.get(name))
		}
		for range times {
			next := s.next(name)
			answer.Variables = append(answer.Variables, next)
			name = next.Name
			if next.Type == gosnmp.EndOfMibView {
				break
			}
		}
		if len(answer.Variables) >= mostVariables {
			answer.Variables = answer.Variables[:mostVariables]
			break
		}
	}
	out, err := encode(answer)
	if err != nil {
		return nil
	}
	return out
}

func (s *System) get(name string) gosnmp.SnmpPDU {
	for _, v := range s.group() {
		if v.Name == name {
			return v
		}
	}
	return gosnmp.SnmpPDU{Name: name, Type: gosnmp.NoSuchObject}
}

// next returns the first object after a name.
func (s *System) next(name string) gosnmp.SnmpPDU {
	for _, v := range s.group() {
		if slices.Compare(numbers(v.Name), numbers(name)) > 0 {
			return v
		}
	}
	return gosnmp.SnmpPDU{Name: name, Type: gosnmp.EndOfMibView}
}

func numbers(oid string) (list []uint64) {
	for part := range strings.SplitSeq(strings.TrimPrefix(oid, "."), ".") {
		n, _ := strconv.ParseUint(part, 10, 64)
		list = append(list, n)
	}
	return list
}
