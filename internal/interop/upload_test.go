//go:build linux

package interop

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/testing/peer"
	"provsim/profile"
	"provsim/resync"
)

// uploading returns a request that writes a body.
func uploading(to profile.Target, method device.Method, body []byte) device.Request {
	return device.Request{
		Target: to, Method: method, Type: "text/plain", Body: func() []byte { return body }, Limit: limit, Timeout: peer.Patience,
	}
}

// arrived waits until a server has written a whole upload, which it may do after its
// last acknowledgement.
func arrived(t *testing.T, file string, body []byte) {
	t.Helper()
	peer.Await(t, "the upload in "+file, func(context.Context) error {
		got, err := os.ReadFile(file)
		if err == nil && !bytes.Equal(got, body) {
			err = fmt.Errorf("%d bytes, want %d", len(got), len(body))
		}
		return err
	})
}

// TFTP servers take new files where they are configured to, of every size and by every
// option, and refuse them where they are not.
func TestTFTPUploads(t *testing.T) {
	for name, c := range map[string]struct {
		kind   tftpKind
		taking []string // the arguments that allow new files
		word   resync.Outcome
	}{
		"tftpd-hpa": {hpa, []string{"--create"}, resync.NotFound},
		"atftpd":    {atftpd, nil, resync.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind := c.kind
			kind.args = func(host string, port uint16, root string) []string {
				return append(c.taking, c.kind.args(host, port, root)...)
			}
			s := kind.start(t, map[string][]byte{"/IP542N.conf": sample, "/closed/a": nil})
			peer.Chmod(t, s.root, 0o777)
			to := profile.Target{Scheme: "tftp", Host: s.host, Port: s.port}
			for i, size := range []int{0, 1, 511, 512, 513, 1428, 100_000} {
				for j, options := range []device.TFTPOptions{plain, blk1428, all} {
					to.Path = fmt.Sprintf("/log-%d-%d.txt", i, j)
					req := uploading(to, device.Write, noise(size))
					req.TFTP = options
					fetch(t, req, resync.Sent, "", nil)
					arrived(t, filepath.Join(s.root, to.Path), noise(size))
				}
			}
			to.Path = "/closed/log.txt"
			fetch(t, uploading(to, device.Write, noise(10)), resync.Refused, "new files only where they are told to", nil)
		})
	}
	t.Run("tftpd-hpa without --create", func(t *testing.T) {
		t.Parallel()
		s := hpa.start(t, map[string][]byte{"/IP542N.conf": sample})
		peer.Chmod(t, s.root, 0o777)
		to := profile.Target{Scheme: "tftp", Host: s.host, Port: s.port, Path: "/log.txt"}
		fetch(t, uploading(to, device.Write, noise(10)), resync.NotFound, "tftpd-hpa by --create", nil)
	})
	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		conn, err := net.ListenPacket("udp", net.JoinHostPort(peer.Loopback(), "0"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
		to := profile.Target{Scheme: "tftp", Host: at.Addr().String(), Port: at.Port(), Path: "/log.txt"}
		req := uploading(to, device.Write, noise(10))
		req.Timeout = 1500 * time.Millisecond
		if reply := wire()["tftp"].Fetch(t.Context(), req); reply.Outcome != resync.Timeout || reply.Tries != 2 {
			t.Errorf("%+v, want a timeout after 2 requests", reply)
		}
	})
}

// A webUpload is a phone's upload to a web server, and its result.
type webUpload struct {
	rule   string
	method device.Method
	size   int
	want   resync.Outcome
	note   string
	file   string // below the root; empty: it must not be there
}

// nginx and Apache take a PUT by WebDAV, with passwords, over TLS and behind a
// redirect; neither takes a POST for a file.
func TestWebUploads(t *testing.T) {
	for _, kind := range []webKind{nginx, apache} {
		t.Run(kind.program, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t)
			for _, dir := range []string{"uploads", "uploads/basic", "uploads/digest", "uploads/closed"} {
				path := filepath.Join(s.root(), dir)
				if err := os.MkdirAll(path, 0o755); err != nil {
					t.Fatal(err)
				}
				if dir != "uploads/closed" {
					peer.Chmod(t, path, 0o777)
				}
			}
			cases := []webUpload{
				{"http://plain/uploads/a.txt", device.Write, 5000, resync.Sent, "", "uploads/a.txt"},
				{"http://plain/uploads/a.txt", device.Write, 3, resync.Sent, "", "uploads/a.txt"},
				{"http://plain/uploads/empty.txt", device.Write, 0, resync.Sent, "", "uploads/empty.txt"},
				{"https://tls1.2/uploads/b.txt", device.Write, 5000, resync.Sent, "", "uploads/b.txt"},
				{"https://tls1.3/uploads/c.txt", device.Write, 5000, resync.Sent, "", "uploads/c.txt"},
				{"http://phone:secret@plain/uploads/basic/d.txt", device.Write, 5000, resync.Sent, "", "uploads/basic/d.txt"},
				{"http://phone:guess@plain/uploads/basic/e.txt", device.Write, 5000, resync.Unauthorized, "the server refuses", ""},
				{"http://plain/to/uploads/307", device.Write, 5000, resync.Sent, "redirected to", "uploads/307.txt"},
				{"http://plain/uploads/large.txt", device.Write, 200_000, resync.HTTPStatus, "413", ""},
				{"http://plain/IP542N.conf", device.Write, 10, resync.HTTPStatus, "405", ""},
			}
			// Both look for a file that would take a POST.
			cases = append(cases, webUpload{"http://plain/uploads/post.txt", device.Post, 10, resync.NotFound, "404", ""})
			if kind.program == apache.program {
				cases = append(cases, []webUpload{
					{"http://phone:secret@plain/uploads/digest/f.txt", device.Write, 5000, resync.Sent, "", "uploads/digest/f.txt"},
					{"http://phone:guess@plain/uploads/digest/g.txt", device.Write, 5000, resync.Unauthorized, "the server refuses", ""},
				}...)
			}
			for _, c := range cases {
				t.Run(c.rule+" "+c.method.String()+" "+strconv.Itoa(c.size), func(t *testing.T) {
					has := fine(t)
					req := s.request(t, c.rule, &has)
					up := uploading(req.Target, c.method, noise(c.size))
					up.TLS, up.Agent = req.TLS, req.Agent
					fetch(t, up, c.want, c.note, nil)
					if c.file != "" && !t.Failed() {
						arrived(t, filepath.Join(s.root(), c.file), noise(c.size))
					}
				})
			}
			if _, err := os.Stat(filepath.Join(s.root(), "uploads/large.txt")); err == nil {
				t.Error("an upload that was refused is there")
			}
		})
	}
}
