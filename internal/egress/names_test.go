package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// nameServer answers a second later, and counts.
type nameServer struct {
	asked atomic.Int64
	err   error
	addrs []netip.Addr
}

func (s *nameServer) lookup(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	s.asked.Add(1)
	select {
	case <-time.After(time.Second):
		return s.addrs, s.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestNamesAreLookedUpOnceAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &nameServer{addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}
		names := NewNames(time.Minute)
		names.lookup = s.lookup
		for range 100 {
			go names.LookupNetIP(t.Context(), "ip", "prov.example")
		}
		time.Sleep(30 * time.Second)
		addrs, err := names.LookupNetIP(t.Context(), "ip", "prov.example")
		if err != nil || len(addrs) != 1 || s.asked.Load() != 1 {
			t.Errorf("%v, %v after %d look-ups, want one address after one", addrs, err, s.asked.Load())
		}
		time.Sleep(time.Minute)
		names.LookupNetIP(t.Context(), "ip", "prov.example")
		if s.asked.Load() != 2 {
			t.Errorf("%d look-ups, want a second one after a minute", s.asked.Load())
		}
	})
}

func TestFailuresOfNamesAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &nameServer{err: &net.DNSError{Err: "no such host", IsNotFound: true}}
		names := NewNames(time.Minute)
		names.lookup = s.lookup
		for n := range int64(3) {
			var dns *net.DNSError
			if _, err := names.LookupNetIP(t.Context(), "ip", "none.example"); !errors.As(err, &dns) || s.asked.Load() != n+1 {
				t.Errorf("look-up %d: %v after %d questions", n, err, s.asked.Load())
			}
		}
	})
}

func TestOneWhoGivesUpDoesNotEndTheLookUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &nameServer{addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}
		names := NewNames(time.Minute)
		names.lookup = s.lookup
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		var dns *net.DNSError
		if _, err := names.LookupNetIP(ctx, "ip", "prov.example"); !errors.As(err, &dns) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want one of the look-up for lack of time", err)
		}
		if _, err := names.LookupNetIP(t.Context(), "ip", "prov.example"); err != nil || s.asked.Load() != 1 {
			t.Errorf("%v after %d look-ups, want the address of the first", err, s.asked.Load())
		}
	})
}

func TestNamesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		names := NewNames(time.Hour)
		names.lookup = (&nameServer{}).lookup
		for i := range 3 * maxNames {
			go names.LookupNetIP(t.Context(), "ip", fmt.Sprint(i))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(names.known) > maxNames {
			t.Errorf("%d names are known, want at most %d", len(names.known), maxNames)
		}
	})
}
