package fleet

import (
	"provsim/internal/egress"
	"provsim/internal/fetch/ftp"
	"provsim/internal/fetch/tftp"
	"provsim/internal/fetch/web"
	"provsim/internal/run"
)

// sockets carries transfers over this machine's network, to private addresses
// only.
func sockets() Network {
	dialer := &egress.Dialer{}
	client := &web.Client{DialContext: dialer.DialContext}
	return run.Wire{"tftp": tftp.Client{Listen: dialer.Listen}, "http": client, "https": client, "ftp": &ftp.Client{DialContext: dialer.DialContext}}
}
