package tally

// Gateway is what a plan's gateway and its Activator have counted. They are modelled in
// each shard, and the first one counts for all.
type Gateway struct {
	Leases    uint64 `json:"leases"`    // given and renewed
	Events    uint64 `json:"events"`    // that reached the Activator
	Dropped   uint64 `json:"dropped"`   // events for which the gateway's queue had no room
	Lost      uint64 `json:"lost"`      // events that were lost on their way
	Published uint64 `json:"published"` // trees
	Early     uint64 `json:"early"`     // boots that asked before their tree was there
	Late      *Times `json:"late"`      // from the first request to the tree; null: none was late
	Never     uint64 `json:"never"`     // of those that asked early: boots whose tree never came
}

// Hide says what a plan's gateway has counted.
func (t *Tally) Hide(g *Gateway) { t.totals.Gateway = g }
