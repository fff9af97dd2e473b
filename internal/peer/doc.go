// Package peer starts real programs for tests to meet: the servers that
// administrators run, as Debian ships them.
//
// [Find] says where a program is, or skips the test with the name of its
// package; [Start] runs it until the test ends. [Loopback], [FreePorts],
// [PublicDir] and [Publish] make the place where it runs.
//
// [UseUpDescriptors] makes the test process itself one that lacks something.
//
// No server that runs already is touched: each test starts its own, on loopback
// or where the test says, and ends it.
package peer
