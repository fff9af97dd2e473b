//go:build linux

package interop

import (
	"fmt"
	"net"
	"path"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/testing/peer"
	"provsim/profile"
	"provsim/resync"
)

// A tftpKind is how to run a kind of TFTP server.
type tftpKind struct {
	find func(t *testing.T) string // the program, or skips the test
	port uint16                    // the only one that it can have; 0: any
	args func(host string, port uint16, root string) []string
}

// A tftpServer is a TFTP server that runs.
type tftpServer struct {
	*peer.Program
	host string
	port uint16
	root string
}

// start runs a TFTP server that offers files.
func (k tftpKind) start(t *testing.T, files map[string][]byte) *tftpServer {
	t.Helper()
	program := k.find(t)
	dir := peer.PublicDir(t)
	s := &tftpServer{host: peer.Loopback(), port: k.port, root: filepath.Join(dir, "tftp")}
	if s.port == 0 {
		s.port = peer.FreePorts(t, "udp", s.host, 1)
	}
	peer.Publish(t, s.root, files)
	s.Program = peer.Start(t, dir, peer.AnswersTFTP(net.JoinHostPort(s.host, strconv.Itoa(int(s.port)))), program, k.args(s.host, s.port, s.root)...)
	return s
}

// A tftpCase is a phone's request to a TFTP server, and its result.
// A case without an outcome expects the file. UDP does not show that no program
// listens on a port, so a stopped server is like one that hangs.
type tftpCase struct {
	server  state
	name    string // what is special
	path    string
	options device.TFTPOptions
	want    resync.Outcome
	note    string // a part of the reply's note
}

// The options of the tables (FV-TFTP-1).
var (
	plain   = device.TFTPOptions{}
	blk1428 = device.TFTPOptions{BlockSize: 1428}
	blk8192 = device.TFTPOptions{BlockSize: 8192}
	window8 = device.TFTPOptions{BlockSize: 1428, WindowSize: 8}
	size    = device.TFTPOptions{Size: true}
	all     = device.TFTPOptions{BlockSize: 1428, WindowSize: 8, Timeout: 2 * time.Second, Size: true}
)

// check works off a table, each state with a server of its own.
func (k tftpKind) check(t *testing.T, cases []tftpCase) {
	t.Parallel()
	files := map[string][]byte{
		"/IP542N.conf":     sample,
		"/unreadable.conf": []byte("DBID_DBASE_VERSION=1\n"),
		"/directory/a":     nil,
		"/limit.conf":      noise(limit),
		"/over.conf":       noise(limit + 1),
	}
	for _, now := range []state{running, stopped, frozen} {
		t.Run(string(now), func(t *testing.T) {
			t.Parallel()
			s := k.start(t, files)
			peer.Chmod(t, filepath.Join(s.root, "unreadable.conf"), 0)
			become(t, s.Program, now)
			for _, c := range cases {
				if c.server == now {
					t.Run(c.name, func(t *testing.T) {
						fetch(t, s.request(c.path, c.options), c.want, c.note, files[path.Clean(c.path)])
					})
				}
			}
		})
	}
}

// request returns what a phone asks for, its limit being that of a configuration.
func (s *tftpServer) request(path string, options device.TFTPOptions) device.Request {
	return device.Request{
		Target: profile.Target{Scheme: "tftp", Host: s.host, Port: s.port, Path: path}, Limit: limit, Timeout: peer.Patience, TFTP: options,
	}
}

// A grant is what a server makes of the options that a phone asks for.
type grant struct {
	name  string
	asked device.TFTPOptions
	note  string // a part of the reply's note; empty: the note is empty
}

// checkGrants fetches files of all sizes with each set of options: a file that
// ends with a full block ends with an empty one (RFC 1350 section 6).
func (k tftpKind) checkGrants(t *testing.T, grants []grant) {
	t.Parallel()
	sizes := []int{0, 1, 511, 512, 513, 1428, 2048, 2263, 8 * 1428, 8192, 8*1428 + 1, 5 * 8192, 100_000}
	files := map[string][]byte{}
	for _, size := range sizes {
		files[fmt.Sprintf("/%d.bin", size)] = noise(size)
	}
	s := k.start(t, files)
	for _, g := range grants {
		t.Run(g.name, func(t *testing.T) {
			for path, body := range files {
				reply := fetch(t, s.request(path, g.asked), resync.None, g.note, body)
				if g.note == "" && reply.Note != "" {
					t.Errorf("%s: note %q, want none", path, reply.Note)
				}
			}
		})
	}
}

// rollover is a file of 81920 blocks of 512 bytes, whose numbers have 16 bits.
var rollover = sync.OnceValue(func() []byte { return noise(40 << 20) })

// checkRollover fetches a large file without options, as a phone does with a
// firmware image: the block numbers roll over (FV-TFTP-1).
func (k tftpKind) checkRollover(t *testing.T) {
	t.Parallel()
	s := k.start(t, map[string][]byte{"/firmware.bin": rollover()})
	req := s.request("/firmware.bin", plain)
	req.Limit, req.Timeout = 64<<20, time.Minute // of firmware (FV-NET-1)
	fetch(t, req, resync.None, "", rollover())
}
