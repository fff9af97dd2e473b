package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"provsim/internal/learn"
	"provsim/internal/learn/logs"
	"provsim/internal/learn/result"
	"provsim/internal/report"
)

var learnCommand = command{
	name:  "learn",
	args:  "LOG...",
	short: "learn from a server's logs who its phones are and what they do",
	long: `
A LOG is an access log of nginx, Apache, lighttpd, Caddy or HAProxy, the syslog of
tftpd-hpa, atftpd or dnsmasq, or the leases in the log of dnsmasq, ISC dhcpd or
Kea. It may be compressed with gzip, zstd or bzip2; - is standard
input. All files of a rotated set, and the logs of several servers, can be given
together: they are read in the order of their times. The first lines show the
format; give another one as it is in nginx's log_format or Apache's LogFormat.
Lines that cannot be used are counted by their reason.

With --out, DIR gets phones.csv, scenario.yaml for 'provsim plan', and the
findings as text, page, JSON and pictures. The exit code is 1 where no phone was
found.

  provsim learn --out learnt /var/log/nginx/access.log*
  provsim plan --scenario learnt/scenario.yaml
  provsim plan --replay learnt`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		l := &learning{}
		fs.StringVar(&l.out, "out", "", "write the results into `DIR`")
		fs.StringVar(&l.format, "log-format", "", "`FORMAT` of all logs: "+strings.Join(logs.Names(), ", ")+", or a line of variables (default: recognised)")
		fs.StringVar(&l.zone, "zone", "Local", "time `ZONE` of times without one, such as Europe/Berlin")
		fs.BoolVar(&l.anonymise, "anonymise", false, "write results for others: other addresses of the same makers, and no names")
		fs.BoolVar(&l.json, "json", false, "print the findings as JSON")
		return l.run
	},
}

// learning is one run of 'provsim learn'.
type learning struct {
	out, format, zone string
	anonymise, json   bool
}

func (c *learning) run(e *env, args []string) error {
	if err := wantArgs(args, 1, -1, "at least one log"); err != nil {
		return err
	}
	zone, err := time.LoadLocation(c.zone)
	if err != nil {
		return usage(fmt.Errorf("--zone: %w", err), "want a name such as UTC or Europe/Berlin")
	}
	f, err := c.learn(e, args, zone)
	if err != nil {
		return err
	}
	if c.anonymise {
		key := make([]byte, 32)
		rand.Read(key) // never returns an error
		result.Anonymise(f, key)
	}
	if c.out != "" {
		if err := result.Write(c.out, f); err != nil {
			return cannot(err, "--out needs a directory that can be written")
		}
	}
	if c.json {
		err = result.JSON(e.out, f)
	} else {
		err = result.Document(f).Text(e.out)
	}
	if err != nil {
		return err
	}
	if c.out != "" {
		fmt.Fprintf(e.err, "provsim: results are in %s\n", c.out)
	}
	if f.Phones == 0 {
		return found()
	}
	return nil
}

// learn reads the logs.
func (c *learning) learn(e *env, args []string, zone *time.Location) (*learn.Findings, error) {
	bar := newBar(e, true)
	defer bar.close()
	all := logs.Size(args)
	var read atomic.Int64
	set, err := logs.Open(args, e.in, logs.Options{
		Format: c.format, Zone: zone, Now: time.Now(),
		Progress: func(n int64) { read.Store(n) },
	})
	switch {
	case errors.Is(err, logs.ErrFormat):
		return nil, usage(err, "nginx's log_format or Apache's LogFormat is the line to give")
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		return nil, cannot(err, "")
	case err != nil:
		return nil, cannot(err, "give the logs of the server that phones get their configuration from")
	}
	defer set.Close()
	l := learn.New()
	const every = 1 << 14
	for n := 1; ; n++ {
		entry, err := set.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if n%every == 0 {
			if e.ctx.Err() != nil {
				return nil, context.Canceled
			}
			bar.show(read.Load(), max(all, read.Load()), fmt.Sprintf("%s of entries, %s", report.Count(n), report.Plural(l.Phones(), "phone")))
		}
		l.Add(entry)
	}
	f := l.Findings()
	f.Logs = result.Logs(set.Files())
	return f, nil
}
