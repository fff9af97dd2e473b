// Package syslog tells a syslog collector what phones do, as the parent of the
// firmware did (FV-EXT-2): a message when a phone asks for its configuration or
// its firmware, and one when it has got that or failed.
//
// A [Sink] is a reader of the journal. [New] makes one on a UDP connection, and
// [Sink.Close] sends what is still to be sent:
//
//	conn, err := net.Dial("udp", "192.0.2.1:514")
//	…
//	sink := syslog.New(conn, func(device.MAC) string { return "IP542N" })
//	defer sink.Close()
//
// # Messages
//
// Each message is one datagram (RFC 5426) in the form of RFC 5424:
//
//	<134>1 2026-01-02T12:00:00.000000Z 0021f2011b19 provsim - resync.start - IP542N 00:21:f2:01:1b:19 -- resync requested: tftp://192.0.2.1/IP542N.conf
//
// HOSTNAME is the phone's MAC address, MSGID the event in the journal, the
// facility local0. TIMESTAMP is the record's, to the microsecond, or absent in
// virtual time. The text has the parent's order: product, MAC address, what, URL,
// outcome; the words are our own, because those of Flying Voice are not known. It is
// always printable ASCII, also with a URL or a version that is not.
//
// A phone could use RFC 3164, but its timestamp has no year, zone or fraction, so that
// one cannot compare it with the journal's. The standard library's log/syslog has one
// host name for the whole process, waits for the network, and is missing on Windows.
//
// # A phone's own messages
//
// Phones whose settings name a collector make messages of their own. A [Sender] sends
// those as they are, without the header above: Cisco SPA phones do so (SPA-LOG-1).
//
// # Loss
//
// A sink and a sender never delay a run and never fail it: they drop a message that
// cannot be sent, and Lost counts it.
package syslog
