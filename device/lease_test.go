package device

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What is put into an offer is found in it, by each way of reading.
func TestOffer(t *testing.T) {
	o := NewOffer(map[uint8][]byte{66: []byte("h\x00"), 43: {1, 2, 3}, 150: {10, 0, 0, 1, 10, 0, 0, 2}, 67: {}})
	addrs := []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")}
	if o.Text(66) != "h" || !cmp.Equal(o.Bytes(43), []byte{1, 2, 3}) || !cmp.Equal(o.Addrs(150), addrs, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })) {
		t.Errorf("66 %q, 43 %v, 150 %v", o.Text(66), o.Bytes(43), o.Addrs(150))
	}
	if !o.Has(67) || o.Has(68) || o.Bytes(68) != nil || o.Text(68) != "" || o.Addrs(43) != nil {
		t.Errorf("67 %v, 68 %v %q, 43 as addresses %v", o.Has(67), o.Bytes(68), o.Text(68), o.Addrs(43))
	}
	var none *Offer
	if none.Has(66) || none.Text(66) != "" || none.Encode() != "" || !none.Equal(TextOffer(66, "")) || none.Equal(o) {
		t.Error("no offer has options")
	}
}

// A device that reads one option of a lease for each request makes no garbage.
func TestOfferTextAllocatesNothing(t *testing.T) {
	o := NewOffer(map[uint8][]byte{43: {1, 2}, 66: []byte("192.0.2.1")})
	lease, same := Lease{Offer: o}, Lease{Offer: TextOffer(66, "192.0.2.1")}
	n := 0
	if allocs := testing.AllocsPerRun(100, func() {
		n += len(o.Text(66))
		if lease.Equal(same) {
			n++
		}
	}); allocs != 0 || n == 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestOfferReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := rapid.MapOf(rapid.Uint8(), rapid.SliceOf(rapid.Byte())).Draw(t, "options")
		o := NewOffer(options)
		back, err := ReadOffer(o.Encode())
		if err != nil || !back.Equal(o) {
			t.Fatalf("%q reads back as %q (%v)", o.Encode(), back.Encode(), err)
		}
		n := 0
		for number, value := range back.All() {
			if n++; string(options[number]) != value {
				t.Fatalf("option %d is %q, want %q", number, value, options[number])
			}
		}
		if n != len(options) {
			t.Fatalf("%d options, want %d", n, len(options))
		}
	})
}

func FuzzReadOffer(f *testing.F) {
	f.Add(NewOffer(map[uint8][]byte{43: {1, 2}, 66: []byte("h")}).Encode())
	f.Add("\x42\x00")
	f.Add("\x42\x00\x00\x41\x00\x00")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := ReadOffer(text)
		if err != nil {
			return
		}
		options := map[uint8][]byte{}
		for number, value := range o.All() {
			options[number] = []byte(value)
		}
		if again := NewOffer(options); !again.Equal(o) {
			t.Fatalf("%q is made again as %q", o.Encode(), again.Encode())
		}
	})
}
