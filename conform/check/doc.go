// Package check holds what a check of a provisioning server consists of.
//
// A [Check] is a literal: what it asks for, where that is written down, and a
// function that asks. It gets a [Probe], which reaches the server setup that a
// [Target] describes, and returns a [Finding]. It prints nothing and has no
// state. Package conform runs checks; its catalogue is made of this type, and
// so are checks that other programs add to it.
//
// # Asking
//
// A probe asks in two ways. [Probe.Fetch] and [Probe.Provision] do what the
// phone does: they send the request of its firmware and read the file as it
// does. [Probe.OpenTFTP], [Probe.Ask] and [Probe.Handshake] work packet by
// packet, for requests that no phone sends and a server must withstand.
//
// # Hostile servers
//
// Every answer ends, even if the server never ends it: at its largest size
// ([MaxAnswer], [MaxTFTP]), after the probe's patience where nothing arrives, and
// with the context, which the runner ends after the check's time. A check passes
// the context on and needs no other limits.
package check
