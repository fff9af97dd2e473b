//go:build linux

package interop

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/fetch/ftp"
	"provsim/internal/fetch/tftp"
	"provsim/internal/fetch/web"
	"provsim/internal/run"
	"provsim/resync"
)

// limit is the largest configuration in bytes (FV-NET-1).
const limit = 1 << 20

// shortly is how long a transfer may take where the server is known to say
// nothing.
const shortly = 500 * time.Millisecond

// sample is the phone's configuration, version 2208.
var sample = vendors.Default().Tree.Example(ours, 2208)

// noise returns bytes in which all parts differ, so that a comparison finds a block that
// is lost, doubled or out of place. The bytes are the same in each run.
func noise(size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{}).Read(b)
	return b
}

// wire is the network of real servers: the fetchers as the command has them.
func wire() run.Wire {
	w := new(web.Client)
	return run.Wire{"http": w, "https": w, "tftp": tftp.Client{}, "ftp": &ftp.Client{}}
}

// fetch asks a server, and expects an outcome, a part of the note and, where the
// outcome is resync.None, the file.
func fetch(t *testing.T, req device.Request, want resync.Outcome, note string, file []byte) device.Reply {
	t.Helper()
	if want == resync.Timeout {
		req.Timeout = shortly
	}
	reply := wire()[req.Scheme].Fetch(t.Context(), req)
	if reply.Outcome != want || !strings.Contains(reply.Note, note) {
		t.Errorf("%s ends as %q, note %q, want %q and a note with %q", req.URL(), reply.Outcome, reply.Note, want, note)
	}
	if want == resync.None && !bytes.Equal(reply.Body, file) {
		t.Errorf("%s brings %d bytes, which are not the %d of the file", req.URL(), len(reply.Body), len(file))
	}
	return reply
}
