package flyingvoice

import (
	"fmt"
	"strings"

	"provsim/device"
)

// example returns a configuration for a phone that uses its first line, with a number
// made up from the phone's address, of the parameters that the vendor documents. The
// lines come last, and win over the example's own (FV-CFG-1).
func example(id device.Identity, version int, lines ...string) []byte {
	number := fmt.Sprintf("7%02d%02d", id.MAC[4]%100, id.MAC[5]%100)
	return []byte(strings.Join(append([]string{
		"# " + id.Product + " " + id.MAC.Colons(),
		fmt.Sprintf("DBID_DBASE_VERSION=%d", version),
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
	}, lines...), "\n") + "\n")
}
