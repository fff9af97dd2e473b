package check

import "sync"

// PerProbe is what the checks of a group share in an examination, by probe. The zero value
// is ready for use by several goroutines.
type PerProbe[T any] struct {
	mu sync.Mutex
	of map[*Probe]*T
}

// Of returns what is kept for a probe, at first the zero value.
func (all *PerProbe[T]) Of(p *Probe) *T {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.of == nil {
		all.of = map[*Probe]*T{}
	}
	if all.of[p] == nil {
		all.of[p] = new(T)
	}
	return all.of[p]
}
