// Package peer starts real programs for tests: the servers that administrators
// run, as Debian ships them.
//
// [Find] says where a program is, or skips the test with the name of its
// package; [Start] runs it until the test ends. [Loopback], [FreePorts],
// [PublicDir] and [Publish] make the place where it runs.
//
// [UseUpDescriptors] uses up the descriptors of the test process itself.
//
// Each test starts its own servers, on loopback or where the test says, and ends
// them. It does not touch other servers.
package peer
