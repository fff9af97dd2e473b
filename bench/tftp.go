package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"provsim/device"
)

// A load is what a client does with a server in one lap.
type load struct {
	name      string
	options   device.TFTPOptions
	transfers int
	parallel  int
	file      func(i int) string
	race      race
}

func large(name string, options device.TFTPOptions) load {
	return load{
		name: name, options: options, transfers: 1, parallel: 1, file: largeFile,
		race: race{least: 2, most: 7, budget: 10 * time.Second},
	}
}

func small(name string, transfers, parallel int) load {
	return load{
		name: name, transfers: transfers, parallel: parallel, file: smallFile,
		race: race{least: 3, most: 7, budget: 4 * time.Second},
	}
}

// suits reports whether a load makes sense with a server. A large file in small
// blocks takes half a minute a round, which is for the peers' servers alone.
func (l load) suits(s server) bool {
	if l.options.WindowSize > 0 {
		return s.windows
	}
	return s.peer || l.transfers > 1 || l.options.BlockSize > 0
}

// transfers writes the tables of the TFTP clients.
func transfers(ctx context.Context, to io.Writer, dir string) error {
	files := newSite()
	root := filepath.Join(dir, "root")
	if err := files.publish(root); err != nil {
		return err
	}
	servers, err := startServers(ctx, root)
	if err != nil {
		return err
	}
	defer stopServers(servers)
	t := tournament{files: files, dir: dir, servers: servers, clients: clients()}
	return errors.Join(
		t.play(ctx, to, "TFTP, one file of 40 MB, MB/s", largeSize/1e6, []load{
			large("no options", device.TFTPOptions{}),
			large("blksize 1428", device.TFTPOptions{BlockSize: 1428}),
			large("blksize 8192", device.TFTPOptions{BlockSize: 8192}),
			large("blksize 1428, windowsize 8", device.TFTPOptions{BlockSize: 1428, WindowSize: 8}),
			large("blksize 1428, windowsize 32", device.TFTPOptions{BlockSize: 1428, WindowSize: 32}),
		}),
		t.play(ctx, to, "TFTP, files of 2 KB without options, files/s", 1, []load{
			small("one at a time", phones, 1),
			small("64 at a time", 640, 64),
		}),
	)
}

// A tournament is who meets whom over what.
type tournament struct {
	files   site
	dir     string // for what is fetched
	servers []server
	clients []client
}

// play writes how much each client gets from each server in a second, in a unit
// of which one transfer is worth amount.
func (t tournament) play(ctx context.Context, to io.Writer, title string, amount float64, loads []load) error {
	tab := table{title: title}
	header := []string{"server", "load", "rounds"}
	for _, c := range t.clients {
		header = append(header, c.name)
	}
	tab.add(header...)
	var failures error
	for _, s := range t.servers {
		for _, l := range loads {
			if !l.suits(s) {
				continue
			}
			fmt.Fprintf(os.Stderr, "%s: %s, %s\n", title, s.name, l.name)
			results, err := l.race.run(ctx, t.contenders(s, l))
			failures = errors.Join(failures, err)
			rounds, cells := 0, make([]string, len(results))
			for i, r := range results {
				rounds = max(rounds, len(r.took))
				cells[i] = r.rate(amount * float64(l.transfers))
			}
			tab.add(append([]string{s.name, l.name, strconv.Itoa(rounds)}, cells...)...)
		}
	}
	return errors.Join(tab.write(to), failures)
}

func (t tournament) contenders(s server, l load) []contender {
	var all []contender
	for _, c := range t.clients {
		absent := s.absent
		if absent == "" {
			absent = c.lacks(l.options)
		}
		all = append(all, contender{
			name:   fmt.Sprintf("%s with %s, %s", c.name, s.name, l.name),
			absent: absent,
			work:   func(ctx context.Context) error { return t.fetch(ctx, c, s, l) },
			check:  func() error { return t.check(l) },
		})
	}
	return all
}

// fetch does all transfers of a load.
func (t tournament) fetch(ctx context.Context, c client, s server, l load) error {
	errs := make([]error, l.parallel)
	var workers sync.WaitGroup
	for w := range l.parallel {
		workers.Go(func() {
			for i := w; i < l.transfers && errs[w] == nil; i += l.parallel {
				errs[w] = c.fetch(ctx, transfer{server: s.addr, name: l.file(i), into: t.result(i), options: l.options})
			}
		})
	}
	workers.Wait()
	return errors.Join(errs...)
}

// check compares what was fetched with the site.
func (t tournament) check(l load) error {
	for i := range l.transfers {
		err := checkFile(t.result(i), func(body []byte) error { return same(body, t.files[l.file(i)]) })
		if err != nil {
			return err
		}
	}
	return nil
}

// result is the file that the i-th transfer writes.
func (t tournament) result(i int) string { return filepath.Join(t.dir, fmt.Sprintf("result-%d", i)) }
