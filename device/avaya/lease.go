package avaya

import (
	"slices"
	"strings"

	"provsim/device"
	"provsim/profile"
)

const mostSSON = 247 // characters (AV-DHCP-4)

// fromLease are the settings that the text option of a lease may have (AV-DHCP-5);
// those of the last line only for 4600 phones.
var (
	fromLease = []string{
		httpServer, httpPort, httpDir, tlsServer, tlsPort, tlsDir, "TLSSRVRID", sig, "L2Q", "L2QVLAN", "VLANTEST", "MCIPADD", "SIP_CONTROLLER_LIST", "ADMIN_PASSWORD",
	}
	fromLease4600 = []string{tftpServer, tftpDir}
)

// vendorCodes are the settings by their codes in option 43 (AV-DHCP-6).
var vendorCodes = map[byte]string{
	2: httpServer, 3: httpDir, 4: httpPort, 5: tlsServer, 6: tlsDir, 7: tlsPort, 8: "TLSSRVRID", 9: "L2Q", 10: "L2QVLAN", 14: sig, 15: "SIP_CONTROLLER_LIST",
}

// leased returns the settings that a lease has (AV-DHCP-3): option 43, and over it the
// text option of the generation.
func leased(l device.Lease, g *generation) map[string]string {
	set := map[string]string{}
	take := func(name, value string) {
		name = strings.ToUpper(name)
		if !slices.Contains(fromLease, name) && !(g.tftp && slices.Contains(fromLease4600, name)) {
			return
		}
		if p, ok := table.Named(name); !ok || value != "" && p.Check(value) != nil || profile.IndexControl(value) >= 0 {
			return
		}
		set[name] = value
	}
	readVendor(l.Offer.Bytes(43), take)
	readPairs(l.Offer.Text(g.sson), take)
	return set
}

// readVendor reads option 43, which counts only if its first code is 1 with the
// enterprise number of Avaya (AV-DHCP-6).
func readVendor(b []byte, take func(name, value string)) {
	for first := true; len(b) >= 2 && len(b) >= 2+int(b[1]); first = false {
		code, value := b[0], string(b[2:2+b[1]])
		b = b[2+b[1]:]
		if first && (code != 1 || value != "6889") {
			return
		}
		if name := vendorCodes[code]; name != "" {
			take(name, strings.TrimSuffix(value, "\x00"))
		}
	}
}

// readPairs reads NAME=value,NAME=value. A value in double quotes may have commas; a
// text that is no pair is left out (AV-DHCP-4).
func readPairs(text string, take func(name, value string)) {
	if len(text) > mostSSON {
		text = text[:mostSSON]
	}
	for text != "" {
		end, quoted := len(text), false
		for i := range len(text) {
			if text[i] == '"' {
				quoted = !quoted
			}
			if text[i] == ',' && !quoted {
				end = i
				break
			}
		}
		pair := strings.TrimSpace(text[:end])
		text = text[min(end+1, len(text)):]
		if name, value, ok := strings.Cut(pair, "="); ok {
			if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
				value = value[1 : len(value)-1]
			}
			take(name, value)
		}
	}
}
