package inventory

import (
	"fmt"
	"strconv"
	"strings"

	"provsim/fleet/scenario"
)

// Shard is a part of a fleet for one of several machines: device n belongs to
// shard n mod Count. The zero value is all devices.
type Shard struct {
	Index int // from 0
	Count int // 0 and 1 are the whole fleet
}

// ParseShard reads INDEX/COUNT, such as 0/4.
func ParseShard(text string) (Shard, error) {
	index, count, ok := strings.Cut(text, "/")
	i, bad := strconv.Atoi(index)
	n, bad2 := strconv.Atoi(count)
	s := Shard{i, n}
	if !ok || bad != nil || bad2 != nil || n < 1 {
		return Shard{}, fmt.Errorf("shard %.40q, want INDEX/COUNT such as 0/4", text)
	}
	return s, s.Check(scenario.MaxDevices)
}

// Check reports whether n devices have such a shard.
func (s Shard) Check(n int) error {
	switch {
	case s.Index < 0 || s.Index >= max(1, s.Count):
		return fmt.Errorf("shard %v, want an index from 0 to %d", s, max(1, s.Count)-1)
	case s.Count > n:
		return fmt.Errorf("found %d shards for %d devices, want at most a shard for each", s.Count, n)
	}
	return nil
}

// String returns INDEX/COUNT.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, max(1, s.Count)) }

// Len returns how many of n devices are in the shard.
func (s Shard) Len(n int) int { return (n - s.Index + max(1, s.Count) - 1) / max(1, s.Count) }

// Number returns the fleet's number of the shard's device i.
func (s Shard) Number(i int) int { return s.Index + i*max(1, s.Count) }

// IndexOf returns the shard's number of device n, and false for one of another
// shard.
func (s Shard) IndexOf(n int) (int, bool) {
	count := max(1, s.Count)
	return n / count, n%count == s.Index
}
