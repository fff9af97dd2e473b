package fleet

import (
	"io"

	"provsim/fleet/inventory"
	"provsim/fleet/scenario"
	"provsim/internal/checkpoint"
	"provsim/internal/fetch/model"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/internal/tally"
)

// The parts of a scenario, as package scenario describes them.
type (
	Scenario        = scenario.Scenario
	Population      = scenario.Population
	Product         = scenario.Product
	SettingsMix     = scenario.SettingsMix
	TFTPOptions     = scenario.TFTPOptions
	Site            = scenario.Site
	Phase           = scenario.Phase
	Event           = scenario.Event
	Tunnel          = scenario.Tunnel
	Part            = scenario.Part
	PowerCut        = scenario.PowerCut
	Outage          = scenario.Outage
	Rollout         = scenario.Rollout
	FirmwareRollout = scenario.FirmwareRollout
	Calls           = scenario.Calls
	Resync          = scenario.Resync
	Reboot          = scenario.Reboot
	Configuration   = scenario.Configuration
	Server          = scenario.Server
	Fraction        = scenario.Fraction
	BitRate         = scenario.BitRate
	Example         = scenario.Example
	Fault           = scenario.Fault
	ScenarioError   = scenario.Error
	Phone           = scenario.Phone // a row of a list
	PhoneList       = scenario.PhoneList
)

// Limits of a scenario.
const (
	MaxDevices  = scenario.MaxDevices
	MaxScenario = scenario.MaxBytes
)

// ParseScenario reads a scenario in YAML, as [scenario.Parse] does.
func ParseScenario(name string, text []byte) (*Scenario, error) { return scenario.Parse(name, text) }

// PhoneColumns returns the names of the columns of a list of phones.
func PhoneColumns() []string { return scenario.PhoneColumns() }

// ReadPhones reads a list of phones in CSV, as [scenario.ReadPhones] does.
func ReadPhones(name string, in io.Reader) (*PhoneList, error) { return scenario.ReadPhones(name, in) }

// DefaultServer returns a small server of 2 cores as a distribution installs it.
func DefaultServer() Server { return scenario.DefaultServer() }

// Schema returns the JSON Schema (2020-12) of a scenario's YAML form.
func Schema() []byte { return scenario.Schema() }

// Examples lists the scenarios that come with the package, by name.
func Examples() []Example { return scenario.Examples() }

// FindExample returns the example of that name.
func FindExample(name string) (Example, bool) { return scenario.FindExample(name) }

// The devices of a scenario, as package inventory describes them.
type (
	Inventory = inventory.Inventory
	Shard     = inventory.Shard
	Host      = inventory.Host
)

// NewInventory returns who the devices of a shard are, as [inventory.New] does.
func NewInventory(s *Scenario, shard Shard) (*Inventory, error) { return inventory.New(s, shard) }

// ParseShard reads INDEX/COUNT, such as 0/4.
func ParseShard(text string) (Shard, error) { return inventory.ParseShard(text) }

// What runs take and give, by names that other modules can use too.
type (
	// Record says that something happened to a device.
	Record = journal.Record
	// Sink takes records. A record is only valid until Add returns.
	Sink = journal.Sink
	// Network carries the transfers of a run.
	Network = run.Network
	// Tally is what has been counted.
	Tally = tally.Tally
	// Stats is what a modelled server has done.
	Stats = model.Stats
	// Checkpoint is a run as [RunOptions].Keep was given it.
	Checkpoint = checkpoint.Checkpoint
)
