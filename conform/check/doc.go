// Package check is what a check of a provisioning server is made of.
//
// A [Check] is a literal: what it asks for, where that is written down, and a
// function that asks. It gets a [Probe], which reaches the server setup that a
// [Target] describes, and returns a [Finding]. It prints nothing and keeps
// nothing. Package conform runs checks; its catalogue is made of this type, and
// so are checks that somebody else adds to it.
//
// # Asking
//
// A probe asks in two ways. [Probe.Fetch] and [Probe.Provision] are the phone's
// own: the request that its firmware makes, and what it makes of the file.
// [Probe.Talk], [Probe.Ask] and [Probe.Handshake] go packet by packet, for what
// no phone does but a server has to stand.
//
// # Hostile servers
//
// Whatever a server does, an answer ends: by its size ([MaxAnswer], [MaxTalk]),
// by the probe's patience where nothing comes, and by the context, which the
// runner ends after the check's time. A check passes the context on and needs
// no limits of its own.
package check
