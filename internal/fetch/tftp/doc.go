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
// The device decides when to repeat a packet, and these instants decide how a server
// survives a power cut in a whole building. They are data, see [Schedule]. Only a block
// that advances the transfer starts the timer anew, so that a peer that repeats itself
// cannot hold a transfer open.
//
// # What is acknowledged
//
// In lock-step (window size 1) the client acknowledges every new block, and a repetition
// of the latest one, because the acknowledgement was lost. It ignores older blocks. RFC
// 1123 section 4.2.3.1 requires the server to prevent the Sorcerer's Apprentice syndrome:
// it must not answer a repeated acknowledgement.
//
// With a larger window the client acknowledges the last block of each window, and once
// the last block before a gap, as soon as it sees the gap (RFC 7440 section 4). It does
// not acknowledge repetitions: a server takes a second acknowledgement for the report of
// a gap and sends the whole window again, so one duplicated packet would double the rest
// of the transfer. Only the timer repeats a lost acknowledgement.
//
// # Which packets count
//
// The first packet from the server's address that can begin the transfer fixes
// the server's port (RFC 1350 section 4). Packets from elsewhere change nothing and are
// answered with error 5. An ERROR packet is never answered, because two programs could
// send each other errors for ever. Malformed and unexpected packets from the server are
// ignored; the reply's note counts them.
//
// # Long transfers
//
// On Linux a transfer of more than 128 blocks reads its socket without the runtime's
// poller where few transfers run at once, because wake-ups limit a single transfer.
// What is sent, and when, stays the same.
//
// # The end
//
// The transfer ends with the acknowledgement of the final block. RFC 1350
// section 6 encourages lingering, in case that acknowledgement gets lost, but does not
// require it. The file is complete either way. A small device frees its one socket at
// once, and this client does the same. A server that misses the acknowledgement repeats
// the block, and then gives up.
package tftp
