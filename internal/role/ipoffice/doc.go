// Package ipoffice is an IP Office control unit: it identifies itself when a Manager
// looks for units, serves lists of its users by TFTP and HTTP, and is the file server of
// Avaya phones.
//
// [Unit] decides and has neither clock nor I/O. [Group] runs units on their addresses:
// it has their sockets, and those that hear broadcasts.
//
// # What is real
//
// The names, the order and the columns of the TFTP files are those that public tools
// read; their label words are this project's own. The HTTP banner and the lists, and the
// files for phones, are real. Which file a genuine Manager asks for in its broadcast is
// not public: the unit answers the names that tools are known to use for discovery, and
// records all others. The bytes on the TCP ports of discovery are this project's own
// (package wire), so a genuine Manager finds no unit there.
package ipoffice

// Real says what is real and what is this project's own, for the log and for people.
const Real = "real wire: TFTP nasystem files, HTTP, DevLink3, files for phones; provsim's own, which a genuine Manager does not speak: " +
	"the bytes of the TCP ports 50802, 50804, 50808 and 50812, and a configuration by TFTP"
