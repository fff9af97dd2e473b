// Package lab runs small good servers to boot phones against: TFTP, HTTP, and
// HTTPS with a certificate authority of its own, all serving the same files
// out of memory, and DHCP, whose leases lead to them by option 66.
//
// [Start] starts them, on loopback and on free ports unless told otherwise;
// [Lab.Close] ends them and waits until nothing is left running. Files are put
// and replaced at any time with the methods of [Lab.Files]. [Lab.URL] says
// where they are, [Lab.CA] issues what a phone needs for HTTPS.
//
// # Faults
//
// Tests need bad servers too. [Faults.Set] gives the files under a path one or more of
// the faults that [Fault] lists, and [Lab.BreakTLS] breaks the handshake of the HTTPS
// server. Both take effect at once, and the zero value undoes both.
//
// # Uploads
//
// Where [Config.Uploads] names the beginning of a path, clients write files by TFTP,
// PUT and POST. They are kept in memory beside the others, up to 16 MiB each and
// 64 MiB together.
//
// # Certificates
//
// An [Authority] also stands alone: it issues PEM files for other servers, such
// as those of interoperability tests.
package lab
