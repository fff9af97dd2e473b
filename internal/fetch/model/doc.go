// Package model is a provisioning server in virtual time: a web server and a
// TFTP server with limited means, the network before them, and what goes wrong
// with both. It says when and how each transfer of each device ends. The caller knows
// the files' content.
//
// Take [Default], change the values that you know, and call [New]. Then call
// [Server.Arrive] for every transfer in the order of time; where a [Result] is not
// done, call again after the time that it names, with the same request.
// [Server.Stats] returns the server's load.
//
// # Order
//
// Everything happens in exact order. A queue that is first come, first served
// needs no event for its end: the wait of a request is known at its arrival. What
// competes with later arrivals is an event, and the caller gets it back:
// a read request or a SYN that was lost, dropped or not answered in time, and a
// packet that travels longer than others ([Path].Delay).
//
// [Config].RoundTrip is the same for all and changes no order, so that the
// server's clock simply runs half of it ahead of the devices'. A request takes
// its place in the queue when its SYN arrives. The round trips that TCP and TLS 1.2
// need before the request are added to the answer's time.
//
// # Randomness
//
// A draw is a function of seed, device, purpose, cycle and try. The same calls give the
// same results on every machine. A device draws the same numbers alone and among others.
//
// # The web server
//
// Workers and a queue: the M/G/c of the textbooks, with limits. A device that gives up
// leaves its request behind, and the server still works on it. This is why an overloaded
// server completes almost nothing. Servers with [HTTP].NoticesHangup drop such
// requests. Where the queue is full, Linux by default ignores the
// connection (listen(2), tcp_abort_on_overflow), and the device's SYN comes again
// after 1, 3, 7 s and so on.
//
// # The TFTP server
//
// One socket, read by one reader. The receive buffer holds a number of read requests
// and drops the rest silently (FV-TFTP-1). The devices ask again by their schedule, which
// sends the same burst, only smaller, to the same socket. If a request waits longer than
// the device does, the buffer holds it twice: the server begins a second transfer, which
// the device ends with error 5.
//
// # What it leaves out
//
// It is a model for planning, and leaves out much of what single servers do.
//
//   - Workers do not slow each other down; give the service time that was measured
//     under load. Transfers do not share the rate of the server's link or of a site's: a
//     worker has [HTTP].Rate, a device has [Path].Rate.
//   - TCP has no slow start and no window. A lost packet after the SYN costs 200 ms
//     or a round trip, whichever is longer, so that a large file over a lossy path
//     may take half or twice the time of the model. Lost handshake packets of the server
//     count like lost data.
//   - Lost packets of a TFTP transfer cost the schedule's first wait each and never
//     end it; those of its first block do not make the device ask again.
//   - A server that comes back has its full speed at once: its caches and the time of
//     its start are not modelled.
//   - Bans count a request when it is accepted, not when it is answered, and a
//     fixed window is coarser than a sliding one.
//   - A device that gives up while its request still travels is not noticed.
//   - Where [Path].Delay is over twice the first wait of the schedule, repetitions are sent
//     late: when the packet before them has arrived.
package model
