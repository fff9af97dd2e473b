// Package scenario describes a fleet and its day: who the phones are, how they are
// switched on, and what happens to them and to the server.
//
// [Parse] reads a [Scenario] in YAML, strictly, and says what is wrong with file,
// line and column. [Examples] lists the scenarios that come with the package, and
// [Schema] is the JSON Schema for editors. [Scenario.Validate] checks a scenario
// that was made or changed in Go. A scenario does nothing by itself: package fleet
// runs it.
package scenario
