// Package tftp reads and writes files by TFTP the way a phone does (FV-TFTP-1):
// RFC 1350 with the options of RFC 2347, 2348, 2349 and 7440, mode octet. Writes go in
// lock-step, without a window.
//
// [Client.Fetch] does one transfer over UDP and is all that most callers need.
// [Transfer] is the protocol alone: packets and instants go in, packets and
// deadlines come out, and it touches neither sockets nor clocks. [Parse] and
// [Packet.Append] are the wire format, for tools that talk to a server packet
// by packet.
//
// # Retransmission
//
// When to repeat a packet is behaviour of the device, and it decides how a
// server survives a power cut in the whole building. It is data, see
// [Schedule]. The timer starts anew with every block that brings the transfer
// on, and with nothing else, so that a peer that only repeats itself cannot
// hold a transfer open.
//
// # What is acknowledged
//
// In lock-step (window size 1) every new block is acknowledged, and so is a
// repetition of the latest one: the acknowledgement was lost. Older blocks are
// ignored. RFC 1123 section 4.2.3.1 puts the cure for the sorcerer's apprentice
// on the server's side, which must not answer a repeated acknowledgement.
//
// With a larger window the last block of each window is acknowledged, and the
// last block before a gap as soon as the gap is seen, once (RFC 7440 section 4).
// Repetitions are not acknowledged: a window's server takes a second
// acknowledgement as the news of a gap and sends the whole window again, so one
// duplicated packet would double the rest of the transfer. A lost
// acknowledgement is repeated by the timer alone.
//
// # Who is listened to
//
// The first packet from the server's address that can begin the transfer fixes
// the server's port (RFC 1350 section 4). Packets from elsewhere are answered
// with error 5 and change nothing, except that an ERROR packet is never
// answered: two programs could send each other errors for ever. Malformed and
// unexpected packets from the server are ignored; the reply's note counts them.
//
// # The end
//
// The transfer ends with the acknowledgement of the final block. RFC 1350
// section 6 encourages lingering, in case that acknowledgement gets lost, but
// does not ask for it: the file is complete either way, a small device frees
// its one socket, and so does this client. A server that misses the
// acknowledgement repeats the block, and then gives up.
package tftp
