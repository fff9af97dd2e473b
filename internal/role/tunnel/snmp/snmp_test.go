package snmp_test

import (
	"testing"
	"time"

	"provsim/internal/role/tunnel/snmp"
)

var system = snmp.System{Community: "public", Descr: "provsim", Name: "device", Up: time.Minute}

func decode(t *testing.T, b []byte) *snmp.Message {
	t.Helper()
	m, err := snmp.Decode(b)
	if err != nil {
		t.Fatalf("%x: %v", b, err)
	}
	return m
}

func TestTrap(t *testing.T) {
	b, err := snmp.Trap("public", snmp.ColdStart, time.Minute, 7)
	if err != nil {
		t.Fatal(err)
	}
	if m := decode(t, b); m.Trap != snmp.ColdStart || m.Community != "public" || m.ID != 7 || m.Response {
		t.Errorf("%+v", m)
	}
	for _, broken := range [][]byte{nil, {0}, b[:len(b)-1], []byte("hello")} {
		if m, err := snmp.Decode(broken); err == nil && m.Trap != "" {
			t.Errorf("%x is taken for %+v", broken, m)
		}
	}
}

func TestSystemGroup(t *testing.T) {
	b, err := snmp.Get("public", 9, snmp.SysDescr, snmp.SysUpTime, ".1.3.6.1.9")
	if err != nil {
		t.Fatal(err)
	}
	m := decode(t, system.Answer(b))
	if !m.Response || m.ID != 9 || m.Values[snmp.SysDescr] != "provsim" || m.Values[snmp.SysUpTime] != "6000" || len(m.Values) != 3 {
		t.Errorf("%+v", m)
	}
	other, err := snmp.Get("private", 9, snmp.SysDescr)
	if err != nil {
		t.Fatal(err)
	}
	trap, err := snmp.Trap("public", snmp.ColdStart, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{other, trap, nil} {
		if got := system.Answer(b); got != nil {
			t.Errorf("%x is answered by %x", b, got)
		}
	}
}

// Whatever datagram comes, there is an answer of bounded size, or none.
func FuzzAnswer(f *testing.F) {
	b, _ := snmp.Get("public", 9, snmp.SysDescr)
	f.Add(b)
	b, _ = snmp.Trap("public", snmp.KeepAlive, 0, 1)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		s := system
		if m, err := snmp.Decode(b); err == nil {
			s.Community = m.Community
		}
		if answer := s.Answer(b); len(answer) > 64<<10 {
			t.Errorf("%d bytes", len(answer))
		}
	})
}
