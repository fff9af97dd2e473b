// Package fleet runs many phones: in virtual time against a modelled server, to
// plan, or on the wall clock against a real one.
//
// A [Scenario] says who the phones are, how they are switched on, and what
// happens to them and to the server. [ParseScenario] reads one in YAML, [Examples]
// lists some that come with the package, and [Schema] is for editors. [Plan] runs
// it in virtual time: a day of a million phones takes seconds, and sends nothing.
// [Find] searches the smallest or largest value of a setting with which the
// scenario's thresholds hold. [Run] runs it on the wall clock.
//
// Package scenario describes scenarios, and package inventory the devices. This package
// has aliases of their names.
//
//	s, err := fleet.ParseScenario("morning.yaml", text)
//	result, err := fleet.Plan(ctx, s, fleet.Options{})
//	totals := result.Tally.Totals()
//
// # Chance
//
// Every random draw is a function of the seed, the device's number or address, the
// purpose and a count. The same scenario gives the same records, byte for byte. A
// device does the same among a million as among ten, as long as the server treats it
// the same.
//
// # Shards
//
// Device n of a scenario is in shard n mod Count. A shard of [Plan] simulates
// every device, because they compete for the modelled server, and records its
// own: shards spread the records over machines, not the work. A shard of [Run]
// drives its own devices only. In both cases the merged counts of the shards are
// those of the whole run. Therefore only the first shard counts the modelled server.
// Options.Only records one device, with the same records that it has among all.
//
// # The modelled server's files
//
// Each phone gets the same configuration, unless the scenario's Configuration has
// lines per device or a key with macros. Then the server makes a file for each
// request, and the plan takes longer. An event rollout or firmware makes a new
// version, with the settings of all versions before it. Phones that have a version
// before the run have its settings too, where it is the Configuration's.
//
// # On the wall clock
//
// Run needs no more than a scenario, also in a test of another module against an
// httptest.Server: without a Network in its options it uses this machine's.
//
// There the real server takes the place of the server section, outages, rollouts and
// firmware campaigns, and the real network that of loss, delay, rate and clock.
// [Scenario.PlanOnly] lists the parts of a scenario that [Run] leaves out.
package fleet
