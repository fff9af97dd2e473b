package device

// cache is a map that forgets what has not been asked for in a while. It
// keeps two maps. When the young one has taken in more than the limit, it
// becomes the old one, and what was only in the former old one is forgotten.
type cache[K comparable, V any] struct {
	young, old map[K]V
	limit      int // of the cost of the young map
	cost       int
}

// get returns the value of a key, which keeps it from being forgotten. Cost is
// that of put.
func (g *cache[K, V]) get(key K, cost int) (V, bool) {
	if v, ok := g.young[key]; ok {
		return v, true
	}
	v, ok := g.old[key]
	if ok {
		g.put(key, v, cost)
	}
	return v, ok
}

// put keeps a value. Cost is what it weighs, in the limit's unit.
func (g *cache[K, V]) put(key K, v V, cost int) {
	if g.cost += cost; g.young == nil || g.cost > g.limit {
		g.old, g.young, g.cost = g.young, map[K]V{}, cost
	}
	g.young[key] = v
}
