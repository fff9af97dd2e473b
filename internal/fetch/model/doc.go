// Package model is a provisioning server in virtual time: a web server and a
// TFTP server with limited means, the network before them, and what goes wrong
// with both. It says when and how each transfer of each device ends. What a file
// contains is the caller's business.
//
// Take [Default], change what is known better, and call [New]. Then call
// [Server.Arrive] for every transfer in the order of time; where a [Result] is not
// done, call again after the time that it names, with the same request.
// [Server.Stats] tells what the server had to bear.
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
// need before the request come on top of the answer's time.
//
// # Randomness
//
// A draw is a function of seed, device, purpose, cycle and try. The same calls
// give the same results, on every machine, and a device draws the same in any company.
//
// # The web server
//
// Workers and a queue: the M/G/c of the textbooks, with limits. A device that gives
// up leaves its request behind, and the server does work for no one, which is why an
// overloaded server gets nothing done at all; [HTTP].NoticesHangup is the cure
// that some servers have. Where the queue is full, Linux by default ignores the
// connection (listen(2), tcp_abort_on_overflow), and the device's SYN comes again
// after 1, 3, 7 s and so on.
//
// # The TFTP server
//
// One socket, read by one reader. The receive buffer holds a number of read requests
// and drops the rest without a word (FV-TFTP-1). The device asks again by its
// schedule, which puts the same burst, smaller, on the same socket. A request
// that waits longer than the device does is there twice: the server begins a
// second transfer, which the device ends with error 5.
//
// # What it leaves out
//
// It is a model for planning, and errs where a server errs in its own way.
//
//   - Workers do not slow each other down; give the service time that was measured
//     under load. Neither the server's link nor a site's is shared by
//     processor sharing: a worker has [HTTP].Rate, a device has [Path].Rate.
//   - TCP has no slow start and no window. A lost packet after the SYN costs 200 ms
//     or a round trip, whichever is longer, so that a large file over a lossy path
//     is judged too well or too badly by a factor of two or so. Lost handshake packets
//     of the server count like lost data.
//   - Lost packets of a TFTP transfer cost the schedule's first wait each and never
//     end it; those of its first block do not make the device ask again.
//   - A server that comes back is as fast as ever: caches are not modelled, and
//     neither is the time that it needs to start.
//   - Bans count a request when it is accepted, not when it is answered, and a
//     fixed window is coarser than a sliding one.
//   - A device that gives up while its request still travels is not noticed.
//   - Where [Path].Delay is over twice the first wait of the schedule, repetitions are sent
//     late: when the packet before them has arrived.
package model
