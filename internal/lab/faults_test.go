package lab

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheLongestPrefixCounts(t *testing.T) {
	var faults Faults
	faults.Set("/", Fault{Status: 1})
	faults.Set("dir", Fault{Status: 2})
	faults.Set("/dir/a", Fault{Status: 3})
	for name, want := range map[string]int{
		"/x": 1, "x": 1, "/": 1, "/dir/b": 2, "dir/b": 2, "/directory": 2, "/dir/a": 3, "/dir/a.conf": 3, "/x/../dir/a": 3,
	} {
		if got := faults.find(name).Status; got != want {
			t.Errorf("%q meets fault %d, want %d", name, got, want)
		}
	}
}

func TestTheZeroFaultMakesGoodAgain(t *testing.T) {
	var faults Faults
	if got := faults.find("/a").Fault; !cmp.Equal(got, Fault{}) {
		t.Errorf("a new lab has the fault %+v", got)
	}
	faults.Set("/a", Fault{Stall: true, Drop: Pick{Share: 1}})
	faults.Set("/a", Fault{})
	if f := faults.find("/a"); f.Stall || f.next() != (fate{}) {
		t.Errorf("a fault that was taken away is still there: %+v", f.Fault)
	}
}

func TestNumbersPickPackets(t *testing.T) {
	var faults Faults
	faults.Set("/", Fault{Drop: Pick{Numbers: []int{2}}, Duplicate: Pick{Numbers: []int{1, 3}}, Stray: Pick{Numbers: []int{3}}})
	var got []fate
	for range 4 {
		got = append(got, faults.find("/any").next())
	}
	want := []fate{{duplicate: true}, {drop: true}, {duplicate: true, stray: true}, {}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(fate{})); diff != "" {
		t.Error("fates of four packets (-want +got):\n" + diff)
	}
}

func TestASharePicksTheSamePacketsForTheSameSeed(t *testing.T) {
	draw := func(fault Fault) (dropped []int) {
		var faults Faults
		faults.Set("/", fault)
		for n := range 1000 {
			if faults.find("/any").next().drop {
				dropped = append(dropped, n)
			}
		}
		return dropped
	}
	half := draw(Fault{Drop: Pick{Share: 0.5}, Seed: 7})
	if n := len(half); n < 400 || n > 600 {
		t.Errorf("a share of a half drops %d of 1000 packets", n)
	}
	if diff := cmp.Diff(half, draw(Fault{Drop: Pick{Share: 0.5}, Seed: 7, Duplicate: Pick{Share: 0.9}})); diff != "" {
		t.Error("another pick changes what is dropped (-without +with):\n" + diff)
	}
	if cmp.Equal(half, draw(Fault{Drop: Pick{Share: 0.5}, Seed: 8})) {
		t.Error("another seed drops the same packets")
	}
	if n := len(draw(Fault{Drop: Pick{Share: 1}})); n != 1000 {
		t.Errorf("a share of 1 drops %d of 1000 packets", n)
	}
}
