package bench

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"provsim/device"
	"provsim/internal/fetch/tftp"
	"provsim/internal/lab"
	"provsim/internal/testing/peer"
	"provsim/profile"
	"provsim/resync"
)

const (
	largeSize  = 40 << 20 // 81920 blocks of 512 bytes: the 16 bits of their numbers roll over
	smallSize  = 2 << 10
	smallFiles = 100
	largeFile  = "firmware.bin"
)

// smallFile names the file of a load's i-th transfer.
func smallFile(i int) string { return fmt.Sprintf("phone-%03d.conf", i%smallFiles) }

// A transfer is one file to be fetched into another one.
type transfer struct {
	server  netip.AddrPort
	name    string
	into    string
	options device.TFTPOptions // BlockSize and WindowSize only
}

// A tftpClient fetches files: a program, with one process for each file, or
// provsim in this process.
type tftpClient struct {
	name, pkg        string
	blksize, windows bool                    // it knows RFC 2348, RFC 7440
	args             func(transfer) []string // of the program; nil: in process
}

var tftpClients = []tftpClient{
	{name: "provsim", blksize: true, windows: true},
	{name: "tftp", pkg: "tftp-hpa", args: func(t transfer) []string {
		return []string{"-4", "-m", "binary", t.server.Addr().String(), fmt.Sprint(t.server.Port()), "-c", "get", t.name, t.into}
	}},
	{name: "atftp", pkg: "atftp", blksize: true, windows: true, args: func(t transfer) (args []string) {
		if t.options.BlockSize > 0 {
			args = append(args, "--option", fmt.Sprintf("blksize %d", t.options.BlockSize))
		}
		if t.options.WindowSize > 0 {
			args = append(args, "--option", fmt.Sprintf("windowsize %d", t.options.WindowSize))
		}
		return append(args, "-g", "-r", t.name, "-l", t.into, t.server.Addr().String(), fmt.Sprint(t.server.Port()))
	}},
	{name: "curl", pkg: "curl", blksize: true, args: func(t transfer) []string {
		args := []string{"-s", "-o", t.into, fmt.Sprintf("tftp://%v/%s", t.server, t.name)}
		if t.options.BlockSize > 0 {
			return append(args, "--tftp-blksize", strconv.Itoa(t.options.BlockSize))
		}
		return append(args, "--tftp-no-options")
	}},
}

// need skips a client that cannot do transfers with these options.
func (c tftpClient) need(b *testing.B, options device.TFTPOptions) {
	switch {
	case options.BlockSize > 0 && !c.blksize:
		b.Skip("no options")
	case options.WindowSize > 0 && !c.windows:
		b.Skip("no windowsize")
	case c.args != nil:
		peer.Find(b, c.name, c.pkg)
	}
}

// fetch does one transfer. provsim writes its file too, because the programs do.
func (c tftpClient) fetch(ctx context.Context, t transfer) error {
	if c.args != nil {
		return execute(ctx, c.name, c.args(t)...)
	}
	reply := tftp.Client{}.Fetch(ctx, device.Request{
		Target: profile.Target{Scheme: "tftp", Host: t.server.Addr().String(), Port: t.server.Port(), Path: "/" + t.name},
		Limit:  64 << 20, Timeout: patience, TFTP: t.options,
	})
	if reply.Outcome != resync.None {
		return fmt.Errorf("%s from %v: outcome %v: %s", t.name, t.server, reply.Outcome, reply.Note)
	}
	return os.WriteFile(t.into, reply.Body, 0o600)
}

// A tftpLoad is what a client does with a server in one turn.
type tftpLoad struct {
	name      string
	options   device.TFTPOptions
	transfers int
	parallel  int
	large     bool
}

var tftpLoads = []tftpLoad{
	{name: "40MB", transfers: 1, parallel: 1, large: true},
	{name: "40MB_blksize=1428", options: device.TFTPOptions{BlockSize: 1428}, transfers: 1, parallel: 1, large: true},
	{name: "40MB_blksize=8192", options: device.TFTPOptions{BlockSize: 8192}, transfers: 1, parallel: 1, large: true},
	{name: "40MB_blksize=1428_windowsize=8", options: device.TFTPOptions{BlockSize: 1428, WindowSize: 8}, transfers: 1, parallel: 1, large: true},
	{name: "40MB_blksize=1428_windowsize=32", options: device.TFTPOptions{BlockSize: 1428, WindowSize: 32}, transfers: 1, parallel: 1, large: true},
	{name: "2KB_one_at_a_time", transfers: smallFiles, parallel: 1},
	{name: "2KB_64_at_a_time", transfers: 640, parallel: 64},
}

func (l tftpLoad) file(i int) string {
	if l.large {
		return largeFile
	}
	return smallFile(i)
}

// BenchmarkTFTP measures how much each client gets from each server.
func BenchmarkTFTP(b *testing.B) {
	files := map[string][]byte{largeFile: noise(largeSize)}
	small := noise(smallFiles * smallSize)
	for i := range smallFiles {
		files[smallFile(i)] = small[i*smallSize : (i+1)*smallSize]
	}
	b.Run("server=lab", func(b *testing.B) {
		l, err := lab.Start(lab.Config{})
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		for name, body := range files {
			l.Files.Put(name, body)
		}
		runTFTP(b, l.Addr("tftp"), files, false)
	})
	b.Run("server=atftpd", func(b *testing.B) {
		peer.NeedRoot(b, "atftpd gives up root's rights")
		at, root := tftpRoot(b, files)
		peer.Start(b, b.TempDir(), peer.AnswersTFTP(at.String()), peer.Find(b, "atftpd", "atftpd"), "--daemon", "--no-fork",
			"--bind-address", at.Addr().String(), "--port", fmt.Sprint(at.Port()), "--user", "nobody.nogroup", root)
		runTFTP(b, at, files, true)
	})
	b.Run("server=tftpd-hpa", func(b *testing.B) {
		peer.NeedRoot(b, "tftpd-hpa gives up root's rights")
		at, root := tftpRoot(b, files)
		peer.Start(b, b.TempDir(), peer.AnswersTFTP(at.String()), peer.FindHPA(b), "-L", "-4", "-a", at.String(), "-u", "nobody", "--secure", root)
		runTFTP(b, at, files, false)
	})
	b.Run("server=dnsmasq", func(b *testing.B) {
		peer.NeedRoot(b, "dnsmasq serves TFTP on port 69")
		host, dir := peer.Loopback(), peer.PublicDir(b)
		at := netip.AddrPortFrom(netip.MustParseAddr(host), 69)
		published := map[string][]byte{}
		for name, body := range files {
			published["www/"+name] = body
		}
		peer.Publish(b, dir, published)
		peer.Start(b, dir, peer.AnswersTFTP(at.String()), peer.Find(b, "dnsmasq", "dnsmasq"), "-k", "-C", config(b, dir, "dnsmasq.conf", "@HOST@", host))
		runTFTP(b, at, files, false)
	})
}

func tftpRoot(b *testing.B, files map[string][]byte) (at netip.AddrPort, root string) {
	host, root := peer.Loopback(), peer.PublicDir(b)
	peer.Publish(b, root, files)
	return netip.AddrPortFrom(netip.MustParseAddr(host), peer.FreePorts(b, "udp", host, 1)), root
}

func runTFTP(b *testing.B, at netip.AddrPort, files map[string][]byte, windows bool) {
	dir := b.TempDir()
	result := func(i int) string { return filepath.Join(dir, fmt.Sprintf("result-%d", i)) }
	for _, l := range tftpLoads {
		if l.options.WindowSize > 0 && !windows {
			continue // the server does not know them
		}
		for _, c := range tftpClients {
			b.Run(l.name+"/tool="+c.name, func(b *testing.B) {
				c.need(b, l.options)
				amount, unit := float64(l.transfers), "files/s"
				if l.large {
					amount, unit = largeSize, "B/s"
				}
				measure(b, amount, unit, func(ctx context.Context) error {
					return l.each(func(i int) error {
						return c.fetch(ctx, transfer{server: at, name: l.file(i), into: result(i), options: l.options})
					})
				}, func() error {
					return l.each(func(i int) error {
						return checkFile(result(i), func(body []byte) error { return same(body, files[l.file(i)]) })
					})
				})
			})
		}
	}
}

// each does something for each transfer of a load.
func (l tftpLoad) each(do func(i int) error) error {
	errs := make([]error, l.parallel)
	var workers sync.WaitGroup
	for w := range l.parallel {
		workers.Go(func() {
			for i := w; i < l.transfers && errs[w] == nil; i += l.parallel {
				errs[w] = do(i)
			}
		})
	}
	workers.Wait()
	return errors.Join(errs...)
}
