package activator

// memory is a map that forgets its oldest entry when it is full.
type memory[K comparable, V any] struct {
	most  int
	known map[K]V
	order []K // the oldest first; may hold keys that were dropped
}

func newMemory[K comparable, V any](most int) memory[K, V] {
	return memory[K, V]{most: most, known: map[K]V{}}
}

func (m *memory[K, V]) get(k K) (V, bool) {
	v, ok := m.known[k]
	return v, ok
}

func (m *memory[K, V]) put(k K, v V) {
	if _, ok := m.known[k]; !ok {
		for len(m.known) >= m.most || len(m.order) >= 2*m.most {
			delete(m.known, m.order[0])
			m.order = m.order[1:]
		}
		m.order = append(m.order, k)
	}
	m.known[k] = v
}

func (m *memory[K, V]) drop(k K) { delete(m.known, k) }
