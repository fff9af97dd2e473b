//go:build linux

package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"provsim/device"
	"provsim/internal/testing/peer"
	"provsim/profile"
	"provsim/resync"
)

// ftpServer is a running vsftpd.
type ftpServer struct {
	root string // the folder of the anonymous user
	to   profile.Target
	log  string // file of its own log
}

// startFTP starts vsftpd with files for everybody, who may also put new ones.
func startFTP(t *testing.T, files map[string][]byte) ftpServer {
	t.Helper()
	program := peer.Find(t, "vsftpd", "vsftpd")
	peer.NeedRoot(t, "vsftpd gives up root's rights")
	dir := peer.PublicDir(t)
	s := ftpServer{root: filepath.Join(dir, "root"), log: filepath.Join(dir, "vsftpd.log")}
	s.to = profile.Target{Scheme: "ftp", Host: peer.Loopback()}
	s.to.Port = peer.FreePorts(t, "tcp", s.to.Host, 1)
	empty := filepath.Join(dir, "empty")
	for _, d := range []string{s.root, empty, filepath.Join(s.root, "up")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	peer.Publish(t, s.root, files)
	peer.Chmod(t, filepath.Join(s.root, "up"), 0o777)
	config := fmt.Sprintf(`listen=YES
listen_address=%s
listen_port=%d
background=NO
anonymous_enable=YES
local_enable=NO
no_anon_password=YES
anon_root=%s
write_enable=YES
anon_upload_enable=YES
anon_umask=022
secure_chroot_dir=%s
nopriv_user=nobody
ftp_username=ftp
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
connect_from_port_20=NO
log_ftp_protocol=YES
xferlog_enable=YES
xferlog_std_format=NO
vsftpd_log_file=%s
`, s.to.Host, s.to.Port, s.root, empty, s.log)
	path := filepath.Join(dir, "vsftpd.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	peer.Start(t, dir, peer.Listens(fmt.Sprintf("%s:%d", s.to.Host, s.to.Port)), program, path)
	return s
}

func (s ftpServer) request(path string, method device.Method) device.Request {
	req := device.Request{Target: s.to, Method: method, Limit: limit, Timeout: peer.Patience}
	req.Path = path
	return req
}

func TestFTP(t *testing.T) {
	t.Parallel()
	large := noise(limit + 1)
	s := startFTP(t, map[string][]byte{"/phone.cfg": sample, "/d/limit.cfg": large[:limit], "/over.cfg": large})
	fetch(t, s.request("/phone.cfg", device.Read), resync.None, "", sample)
	fetch(t, s.request("/d/limit.cfg", device.Read), resync.None, "", large[:limit])
	fetch(t, s.request("/over.cfg", device.Read), resync.TooLarge, "over the limit", nil)
	fetch(t, s.request("/missing.cfg", device.Read), resync.NotFound, "550", nil)
	fetch(t, s.request("/phone.cfg", device.Post), resync.BadRule, "post", nil)
	fetch(t, s.request("/a\r\nDELE phone.cfg", device.Read), resync.BadRule, "control", nil)
	fetch(t, s.request("/missing.cfg", device.Head), resync.NotFound, "550", nil)
	if reply := wire().Fetch(t.Context(), s.request("/phone.cfg", device.Head)); reply.Outcome != resync.None || reply.Bytes != 0 {
		t.Errorf("HEAD: %+v", reply)
	}
	named := s.request("/phone.cfg", device.Read)
	named.User, named.Password = "PlcmSpIp", "PlcmSpIp"
	fetch(t, named, resync.Unauthorized, "refuses the user", nil)

	head := s.request("/over.cfg", device.Read)
	head.Head, head.Enough = 4096, func([]byte) bool { return true }
	fetch(t, head, resync.None, "", large[:4096])
	head.Limit, head.Enough = limit+1, func([]byte) bool { return false }
	fetch(t, head, resync.None, "", large)

	put := s.request("/up/a.log", device.Write)
	put.Body = func() []byte { return sample }
	fetch(t, put, resync.Sent, "", nil)
	arrived(t, filepath.Join(s.root, "up/a.log"), sample)
	put.Path = "/closed.log"
	if reply := wire().Fetch(t.Context(), put); reply.Outcome == resync.Sent {
		t.Errorf("an upload to a closed folder: %+v", reply)
	}
	log, err := os.ReadFile(s.log)
	if err != nil || !strings.Contains(string(log), "TYPE I") || !strings.Contains(string(log), "RETR phone.cfg") {
		t.Errorf("vsftpd's log (%v) has no binary RETR of phone.cfg:\n%s", err, log)
	}
}

// A server that is not there, and one that says nothing.
func TestFTPWithoutServer(t *testing.T) {
	t.Parallel()
	to := profile.Target{Scheme: "ftp", Host: peer.Loopback(), Path: "/x"}
	to.Port = peer.FreePorts(t, "tcp", to.Host, 1)
	fetch(t, device.Request{Target: to, Timeout: peer.Patience}, resync.Refused, "refused", nil)
	to.Host, to.Port = "host.invalid", 21
	fetch(t, device.Request{Target: to, Timeout: peer.Patience}, resync.DNS, "", nil)
}
