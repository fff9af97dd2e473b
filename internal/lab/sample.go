package lab

import (
	"fmt"
	"strings"

	"provsim/device"
)

// A Sample is a configuration file for one phone that uses its first line, with
// a number made up from the phone's MAC address.
type Sample struct {
	MAC     device.MAC
	Product string
	Version int // DBID_DBASE_VERSION (FV-CFG-3)
	// Settings come last, as lines such as "DBID_RESYNC_PERIODIC=600", and win
	// over the sample's own (FV-CFG-1).
	Settings []string
}

// Text returns the file, made of the parameters that the vendor documents.
func (s Sample) Text() []byte {
	number := fmt.Sprintf("7%02d%02d", s.MAC[4]%100, s.MAC[5]%100)
	lines := []string{
		"# " + s.Product + " " + s.MAC.Colons(),
		fmt.Sprintf("DBID_DBASE_VERSION=%d", s.Version),
		"DBID_SIP_ENABLE=1\t0\t0\t0",
		"DBID_SIP_DIS_NAME=Desk " + number,
		"DBID_SIP_PHONE_NUM=" + number,
		"DBID_SIP_ACCOUNT=" + number,
		"DBID_SIP_PASSWORD=sample-" + number,
		"DBID_WEB_SIP_SERVER=192.0.2.10",
		"DBID_WEB_SIP_SERVER_PORT=5060",
		"DBID_WEB_SIP_OUTBOUND=192.0.2.11",
		"DBID_WEB_SIP_OUTBOUND_PORT=5060",
		"DBID_WEB_SIP_OUTBOUND_BACKUP=192.0.2.12",
		"DBID_WEB_SIP_OUTBOUND_BACKUP_PORT=5060",
	}
	return []byte(strings.Join(append(lines, s.Settings...), "\n") + "\n")
}
