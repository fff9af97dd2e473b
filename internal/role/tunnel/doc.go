// Package tunnel decides what the two ends of an AudioCodes WebSocket tunnel do:
// the device, which keeps one WebSocket open, and the server (WT-*).
//
// All of it is pure: the device's six [Parameters], the [Machine] that connects,
// waits and connects again, the [Clock] of its services, the [Codec]s that put IP
// packets into messages, and addresses. Sockets, the IP stack and goroutines are
// in the packages below this one.
//
// It is public that this tunnel is a WebSocket with a name, a password and an IP
// network inside. Its bytes are not public. So every byte after the HTTP upgrade is
// provsim's own, and [Codec] hides it from the rest.
package tunnel

// Notice is what both programs say at their start, with the codec's name (WT-*).
const Notice = "tunnel wire: ours, codec "
