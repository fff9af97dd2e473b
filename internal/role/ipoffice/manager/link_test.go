//go:build linux

package manager_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/role/ipoffice"
	"provsim/internal/role/ipoffice/manager"
	"provsim/internal/role/ipoffice/wire"
	"provsim/internal/store"
	"provsim/internal/testing/peer"
)

var administrator = manager.Account{User: "Administrator", Password: "Administrator"}

func login(t testing.TB, o manager.Options, addr netip.Addr, port int, a manager.Account) *manager.Link {
	t.Helper()
	l, err := manager.Login(t.Context(), o, addr, port, a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// word returns the outcome word and the text of an error.
func word(err error) string {
	var f *manager.Failure
	if !errors.As(err, &f) {
		return fmt.Sprint(err)
	}
	return f.Word + ": " + f.Note
}

// tap is between a Manager and a unit, and keeps what passes.
type tap struct {
	mu   sync.Mutex
	up   bytes.Buffer // what the Manager sends
	down bytes.Buffer
}

func (c *tap) listen(t testing.TB, at, to netip.AddrPort) {
	t.Helper()
	listener, err := net.Listen("tcp4", at.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			other, err := net.Dial("tcp4", to.String())
			if err != nil {
				conn.Close()
				continue
			}
			pass := func(from, to net.Conn, b *bytes.Buffer) {
				defer to.Close()
				buf := make([]byte, 4096)
				for {
					n, err := from.Read(buf)
					c.mu.Lock()
					b.Write(buf[:n])
					c.mu.Unlock()
					if _, failed := to.Write(buf[:n]); err != nil || failed != nil {
						return
					}
				}
			}
			go pass(conn, other, &c.up)
			go pass(other, conn, &c.down)
		}
	}()
}

// The conversation's login and read come in one stream (conversation C1, steps 5 to 7;
// MGR-7). Neither name nor password is on the wire, in any usual form, and what was on
// it does not log in again (IPO-LNK-3).
func TestNothingOnTheWire(t *testing.T) {
	t.Parallel()
	n := network()
	l := start(t, ipoffice.Options{}, unit(t, at(n, 1), "3.2(17)"))
	o := options(n)
	base := ipoffice.DefaultBase
	var c tap
	c.listen(t, netip.AddrPortFrom(at(n, 9).Addr(), uint16(base+shift)), netip.AddrPortFrom(at(n, 1).Addr(), uint16(base+shift)))
	link := login(t, o, at(n, 9).Addr(), base, administrator)
	body, err := link.Read(ipoffice.ConfigName)
	if err != nil || !strings.Contains(string(body), "system.name=U1\n") {
		t.Fatalf("the configuration is %q, error %v", body, err)
	}
	if err := link.Write(ipoffice.ConfigName, body, ipoffice.Merge, ipoffice.NoTime); err != nil {
		t.Error(err)
	}
	if _, err := manager.Login(t.Context(), o, at(n, 9).Addr(), base, manager.Account{User: "Administrator", Password: "Mistaken-1"}); word(err) != "unauthorized: Access Denied" {
		t.Errorf("a wrong password is %s", word(err))
	}
	c.mu.Lock()
	up := bytes.Clone(c.up.Bytes())
	seen := append(bytes.Clone(up), c.down.Bytes()...)
	c.mu.Unlock()
	for _, secret := range []string{"Administrator", "Mistaken-1", "administrator", "AdministratorAdministrator", "Administrator:Administrator"} {
		for _, form := range forms(secret) {
			if bytes.Contains(seen, form) || bytes.Contains(bytes.ToLower(seen), bytes.ToLower(form)) {
				t.Errorf("%q is on the wire as %x", secret, form)
			}
		}
	}
	if strings.Contains(l.text(), "Mistaken-1") {
		t.Error("a password is in the log")
	}
	conn, err := net.Dial("tcp4", netip.AddrPortFrom(at(n, 1).Addr(), uint16(base+shift)).String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(up[:bytes.Index(up, []byte(ipoffice.ConfigName))]); err != nil { // the hello, the proof, and the head of the read
		t.Fatal(err)
	}
	peer.Await(t, "the replay to be refused", func(context.Context) error {
		if n := strings.Count(strings.Join(l.events(t), "\n"), "login unauthorized"); n < 2 {
			return fmt.Errorf("%d logins were refused", n)
		}
		return nil
	})
}

// forms returns how a text may stand on a wire: as it is, in hex, in base64, as common
// hashes, and in UTF-16.
func forms(text string) (all [][]byte) {
	b := []byte(text)
	five, one, two := md5.Sum(b), sha1.Sum(b), sha256.Sum256(b)
	for _, raw := range [][]byte{b, five[:], one[:], two[:]} {
		all = append(all, raw, []byte(hex.EncodeToString(raw)), []byte(base64.RawStdEncoding.EncodeToString(raw)[:len(raw)*4/3]))
	}
	var wide []byte
	for _, c := range b {
		wide = append(wide, c, 0)
	}
	return append(all, wide)
}

// The controls of configuration access: another base, a level without service users,
// a service that is off (MGR-7, IPO-PORT-5, IPO-IF-1).
func TestConfigurationControls(t *testing.T) {
	t.Parallel()
	n := network()
	moved, off := unit(t, at(n, 1), "3.2"), unit(t, at(n, 2), "3.2")
	if err := moved.Security.SetBase(51000); err != nil {
		t.Fatal(err)
	}
	if err := off.Security.Switch("configuration", false); err != nil {
		t.Fatal(err)
	}
	start(t, ipoffice.Options{}, moved, off, unit(t, at(n, 3), "2.1"))
	o := options(n)
	for host := range 3 {
		_, err := manager.Login(t.Context(), o, at(n, byte(1+host)).Addr(), ipoffice.DefaultBase, administrator)
		if word(err) != "refused: Failed to communicate with system" {
			t.Errorf("unit %d is %s", 1+host, word(err))
		}
	}
	login(t, o, at(n, 1).Addr(), 51000, administrator)
	keeper := manager.Account{User: "security", Password: "securitypwd"}
	for _, port := range []int{51008, 51004} { // IPO-PORT-2
		if text, err := login(t, o, at(n, 1).Addr(), port, keeper).Read(ipoffice.SecurityName); err != nil || !strings.Contains(string(text), "security.base=51000\n") {
			t.Errorf("port %d gives %q, error %v", port, text, err)
		}
	}
	silent, err := net.Listen("tcp4", netip.AddrPortFrom(at(n, 4).Addr(), uint16(ipoffice.DefaultBase+shift)).String())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	o.Timeout = 100 * time.Millisecond
	if _, err := manager.Login(t.Context(), o, at(n, 4).Addr(), ipoffice.DefaultBase, administrator); word(err) != "timeout: Failed to communicate with system" {
		t.Errorf("a port that does not answer is %s", word(err))
	}
}

// The list marks a locked user (MGR-8, FV-OUT-3).
func TestLockedAccount(t *testing.T) {
	t.Parallel()
	n := network()
	c := unit(t, at(n, 1), "3.2")
	text := strings.Replace(string(c.Security.Text(true)), "reject-action=log", "reject-action=temporary", 1)
	var err error
	if c.Security, err = ipoffice.ParseSecurity([]byte(text), nil); err != nil {
		t.Fatal(err)
	}
	start(t, ipoffice.Options{}, c)
	for i, want := range []string{"unauthorized: Access Denied", "unauthorized: Access Denied", "unauthorized: Access Denied", "locked: Account Locked"} {
		if _, err := manager.Login(t.Context(), options(n), at(n, 1).Addr(), ipoffice.DefaultBase, manager.Account{User: "Operator", Password: "wrong-1"}); word(err) != want {
			t.Errorf("try %d is %s, want %s", i+1, word(err), want)
		}
	}
}

// Below 3.2 the configuration goes by TFTP with the system password, and the unit
// reboots with a new one (conversation C5; IPO-OLD-1, MGR-7).
func TestOldConfiguration(t *testing.T) {
	t.Parallel()
	n := network()
	dir := t.TempDir()
	memory := func(mac device.MAC) (ipoffice.Memory, error) { return store.OpenFile(dir, "unit-"+mac.String()) }
	l := start(t, ipoffice.Options{Memory: memory}, unit(t, at(n, 1), "2.1"))
	o, addr := options(n), at(n, 1).Addr()
	body, err := manager.OldConfig(t.Context(), o, addr, "password")
	if err != nil || !strings.Contains(string(body), "system.name=U1\n") {
		t.Fatalf("the configuration is %q, error %v", body, err)
	}
	if _, err := manager.OldConfig(t.Context(), o, addr, "mistaken"); word(err) != "unauthorized: Access Denied" {
		t.Errorf("a wrong password is %s", word(err))
	}
	large := string(body) + "# " + strings.Repeat("x", 800) + "\n" // two blocks
	if err := manager.SendOld(t.Context(), o, addr, "password", []byte(strings.Replace(large, "=U1", "=NEW", 1))); err != nil {
		t.Fatal(err)
	}
	peer.Await(t, "the unit with its new name", func(ctx context.Context) error {
		u := manager.Find(ctx, o, addr)
		if u.Name != "NEW" {
			return fmt.Errorf("the unit is %+v", u)
		}
		return nil
	})
	if text := l.text(); strings.Contains(text, "mistaken") || strings.Contains(text, `"password"`) || strings.Contains(text, "/password") {
		t.Errorf("a password is in the log:\n%s", text)
	}
}

// A unit that reboots resets its connections, and has its new address then
// (IPO-MEM-5, IPO-LAN-2).
func TestReboot(t *testing.T) {
	t.Parallel()
	n := network()
	start(t, ipoffice.Options{}, unit(t, at(n, 1), "3.2"))
	o := options(n)
	link, other := login(t, o, at(n, 1).Addr(), ipoffice.DefaultBase, administrator), login(t, o, at(n, 1).Addr(), ipoffice.DefaultBase, administrator)
	body, err := link.Read(ipoffice.ConfigName)
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.Replace(string(body), "lan1.address="+at(n, 1).Addr().String(), "lan1.address="+at(n, 7).Addr().String(), 1)
	if err := link.Write(ipoffice.ConfigName, []byte(moved), ipoffice.Immediate, ipoffice.NoTime); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Read(ipoffice.ConfigName); err == nil {
		t.Error("another connection lives on")
	}
	peer.Await(t, "the unit at its new address", func(ctx context.Context) error {
		if u := manager.Find(ctx, o, at(n, 7).Addr()); u.Outcome != "" {
			return errors.New(u.Outcome)
		}
		return nil
	})
	if u := manager.Find(t.Context(), o, at(n, 1).Addr()); u.Outcome != "refused" {
		t.Errorf("at its old address the unit is %+v", u)
	}
	if err := login(t, o, at(n, 7).Addr(), ipoffice.DefaultBase, administrator).Write(ipoffice.ConfigName, []byte(strings.Replace(moved, "lan1.address=127.", "lan1.address=192.", 1)), ipoffice.Merge, ipoffice.NoTime); !strings.Contains(word(err), "cannot be served here") {
		t.Errorf("an address of another machine is %s", word(err))
	}
}

// A user of DevLink3 reads what TFTP has (IPO-DL-3, IPO-DL-4).
func TestDevLink(t *testing.T) {
	t.Parallel()
	n := network()
	c := unit(t, at(n, 1), "10.0")
	if err := c.Security.SetUser("Linker1", "secret1", []string{"DevLink3"}); err != nil {
		t.Fatal(err)
	}
	start(t, ipoffice.Options{}, c)
	o := options(n)
	l, err := manager.LoginDevLink(t.Context(), o, at(n, 1).Addr(), manager.Account{User: "Linker1", Password: "secret1"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	body, err := l.Read("nasystem/user_list")
	other, failed := manager.File(t.Context(), o, at(n, 1).Addr(), "nasystem/user_list")
	if err != nil || failed != nil || !bytes.Equal(body, other) {
		t.Errorf("DevLink3 gives %q, TFTP %q; errors %v, %v", body, other, err, failed)
	}
	if _, err := manager.LoginDevLink(t.Context(), o, at(n, 1).Addr(), manager.Account{User: "Linker1", Password: "mistaken"}); word(err) != "unauthorized: Access Denied" {
		t.Errorf("a wrong password is %s", word(err))
	}
}

// First bytes that are no message known here are recorded, with the server's name of a
// ClientHello, and met with silence (IPO-REC-1, IPO-REC-2); so is what stubs take
// (IPO-PORT-3), and requests that are not known. Files are for their owner alone.
func TestRecorder(t *testing.T) {
	t.Parallel()
	n := network()
	dir := t.TempDir()
	l := start(t, ipoffice.Options{Recorder: &ipoffice.Recorder{Dir: dir}}, unit(t, at(n, 1), "3.2"))
	addr := func(port int) string { return netip.AddrPortFrom(at(n, 1).Addr(), uint16(port+shift)).String() }
	conn, err := net.Dial("tcp4", addr(50804))
	if err != nil {
		t.Fatal(err)
	}
	hello := clientHello(t, "unit.example")
	for _, part := range [][]byte{hello[:20], hello[20:]} {
		if _, err := conn.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	conn.(*net.TCPConn).CloseWrite()
	if answer, err := io.ReadAll(conn); len(answer) > 0 {
		t.Errorf("the unit answers %x, error %v", answer, err)
	}
	for port, text := range map[int]string{50795: "stub bytes", 69: "\x00\x01nasystem/unheard-of\x00octet\x00", 161: "0\x82"} {
		conn, err := net.Dial("udp4", addr(port))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	peer.Await(t, "four recordings", func(context.Context) error {
		if n := strings.Count(l.text(), `"event":"record"`); n != 4 {
			return fmt.Errorf("there are %d", n)
		}
		return nil
	})
	for _, want := range []string{"port 50804, ", hex.EncodeToString(hello[:20]), "TLS for the server unit.example", "port 50795, ", hex.EncodeToString([]byte("stub bytes")), "port 161, "} {
		if !strings.Contains(l.text(), want) {
			t.Errorf("the log lacks %q:\n%s", want, l.text())
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*-50804.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, error %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v, error %v", info.Mode(), err)
	}
	var kept string
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		_, b, _ := strings.Cut(line, " ")
		kept += b
	}
	if kept != hex.EncodeToString(hello) {
		t.Errorf("the file has %s, want %x", text, hello)
	}
}

// A port has 16 connections, and goes on for others when one ends (IPO-LNK-6).
func TestConnections(t *testing.T) {
	t.Parallel()
	n := network()
	start(t, ipoffice.Options{}, unit(t, at(n, 1), "3.2"))
	o := options(n)
	var links []*manager.Link
	for range 16 {
		links = append(links, login(t, o, at(n, 1).Addr(), ipoffice.DefaultBase, administrator))
	}
	if _, err := manager.Login(t.Context(), o, at(n, 1).Addr(), ipoffice.DefaultBase, administrator); err == nil {
		t.Error("a seventeenth connection logs in")
	}
	links[0].Close()
	peer.Await(t, "room for another", func(ctx context.Context) error {
		l, err := manager.Login(ctx, o, at(n, 1).Addr(), ipoffice.DefaultBase, administrator)
		if err == nil {
			l.Close()
		}
		return err
	})
	// At another port, because the unit may still count the connection that has just ended.
	conn, err := net.Dial("tcp4", netip.AddrPortFrom(at(n, 1).Addr(), uint16(ipoffice.DefaultBase+8+shift)).String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	test, err := wire.AppendFrame(nil, wire.New(wire.Test, 1).Uint32(4).Bytes([]byte("ping")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(append(slices.Clone(test), "no frame"...)); err != nil {
		t.Fatal(err)
	}
	if answer, _ := io.ReadAll(conn); !bytes.HasSuffix(answer, []byte("ping")) {
		t.Errorf("after a broken frame the connection gave %q", answer)
	}
}

// clientHello returns the first bytes of a TLS client.
func clientHello(t testing.TB, server string) []byte {
	t.Helper()
	near, far := net.Pipe()
	defer near.Close()
	go tls.Client(far, &tls.Config{ServerName: server}).Handshake()
	buf := make([]byte, 4096)
	n, err := near.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return buf[:n]
}
