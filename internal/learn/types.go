package learn

import (
	"net/netip"
	"time"

	"provsim/device"
)

// Findings are what was learnt. Durations in JSON are seconds.
type Findings struct {
	From      time.Time    `json:"from"`
	Until     time.Time    `json:"until"`
	Logs      []Log        `json:"logs"`
	Counts    Counts       `json:"counts"`
	Phones    int          `json:"phones"`
	Unnamed   int          `json:"unnamed"`   // of them, that do not say their address
	NoVendor  int          `json:"no_vendor"` // addresses in file names that no vendor here owns; not among the phones
	Unserved  int          `json:"unserved"`  // addresses in file names that nothing was served to and no User-Agent speaks for; not among the phones
	Refused   int64        `json:"refused"`   // requests of more phones than can be remembered
	Vendors   []Vendor     `json:"vendors"`
	Names     []Named      `json:"names"`
	NoFile    int          `json:"no_file"` // phones that never got a configuration of their own, or any
	Waves     []Wave       `json:"waves"`
	Outages   []Outage     `json:"outages"`
	Bans      []Ban        `json:"bans"`
	Campaigns []Campaign   `json:"campaigns"`
	Sites     []Site       `json:"sites"`
	Server    Server       `json:"server"`
	Strangers []Stranger   `json:"strangers"`
	Hours     []HourCounts `json:"hours"`

	List []Phone `json:"-"`
}

// Seconds is a duration that JSON has in seconds.
type Seconds float64

func seconds(d time.Duration) Seconds { return Seconds(d.Seconds()) }

// Duration returns it as Go has it.
func (s Seconds) Duration() time.Duration { return time.Duration(float64(s) * float64(time.Second)) }

// Log says what was read of a file.
type Log struct {
	Name    string         `json:"name"`
	Format  string         `json:"format,omitempty"`
	Lines   int64          `json:"lines"`
	Entries int64          `json:"entries"`
	Dropped map[string]int `json:"dropped,omitempty"` // lines, by the reason
	Back    int64          `json:"clock_back,omitempty"`
	Note    string         `json:"note,omitempty"`
}

// Phone is one phone that was found.
type Phone struct {
	MAC      device.MAC
	Named    bool
	Vendor   *device.Personality
	Product  string
	Software string
	Address  netip.Addr
	Period   time.Duration // 0: not known
	Web      bool          // its latest request was over HTTP
}

// Vendor is what the phones of one vendor do.
type Vendor struct {
	Name     string    `json:"name"`
	Phones   int       `json:"phones"`
	Products []Product `json:"products"`
	Periods  []Period  `json:"periods"`
	Daily    *Daily    `json:"daily,omitempty"`
	NoPeriod int       `json:"no_period"` // phones of which no period is known
	Polls    int       `json:"polls"`
	Boots    int       `json:"boots"`
	Retries  int       `json:"retries"`
	Retry    Seconds   `json:"retry"` // the usual time until a run after one that brought nothing; 0: not known
	// Delay is over what time the phones of a wave spread themselves beyond how the power
	// came back; 0: they do not, -1: no wave shows it.
	Delay Seconds `json:"delay"`

	personality *device.Personality
}

// Product is how many phones are of a product.
type Product struct {
	Name     string         `json:"name"` // "": not known
	Known    bool           `json:"known"`
	Phones   int            `json:"phones"`
	Software map[string]int `json:"software,omitempty"` // phones by version
}

// Period is how many phones come again after a time.
type Period struct {
	Period Seconds `json:"period"`
	Spread Seconds `json:"spread"` // from the tenth to the ninetieth of a hundred phones
	Phones int     `json:"phones"`
}

// Daily is a time of day at which phones come.
type Daily struct {
	From   Seconds `json:"from"` // since midnight in UTC
	Until  Seconds `json:"until"`
	Phones int     `json:"phones"`
}

// Named is a name of files and what became of the requests for it.
type Named struct {
	Vendor string `json:"vendor"`
	Name   string `json:"name"`
	Class  string `json:"class"`
	Kind   string `json:"kind"`
	Served int64  `json:"served"`
	Missed int64  `json:"missed"`
	Failed int64  `json:"failed"`

	Known bool `json:"-"` // the vendor's phones ask for this name everywhere
}

// Stranger is a client that is no phone.
type Stranger struct {
	Agent    string `json:"agent"` // the first word of the User-Agent
	Requests int64  `json:"requests"`
}

// Campaign is a change of firmware.
type Campaign struct {
	Vendor  string    `json:"vendor"`
	Product string    `json:"product"`
	Before  string    `json:"before"`
	After   string    `json:"after"`
	Phones  int       `json:"phones"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
}

// Site is how many addresses have that many phones behind them.
type Site struct {
	Devices   int `json:"devices"`
	Addresses int `json:"addresses"`
}

// Outage is a time without an answer of use.
type Outage struct {
	Kind   string    `json:"kind"` // PowerCut or ServerDown
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Due    int       `json:"due"`    // phones that were expected in it; 0 where it answered with errors
	Errors int       `json:"errors"` // answers from 500 on
}

// Ban is a time in which an address was refused.
type Ban struct {
	From   time.Time `json:"from"`
	Lasted Seconds   `json:"lasted"` // 0: until the end of the log
	Misses int       `json:"misses"` // in the ten minutes before
	Status int       `json:"status"`
}

// HourCounts are the counts of an hour.
type HourCounts struct {
	At time.Time `json:"at"`
	Hour
}
