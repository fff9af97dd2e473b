package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"provsim/fleet"
	"provsim/internal/egress"
	"provsim/internal/limits"
	"provsim/internal/report"
)

var doctorCommand = command{
	name:  "doctor",
	short: "say what this machine can do, and what to raise for a larger fleet",
	long: `
It looks at open files, ports, addresses, memory, capabilities, multicast and the
clock, sends nothing and changes nothing. What --devices phones need that the machine
does not have is marked, with commands that raise it. The exit code is 1 where
something is missing. Ports and files are for the worst case: all phones ask at once.

  provsim doctor
  provsim doctor --devices 50k --source-ips 10.0.64.0/18`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		devices := count(1000)
		fs.Var(&devices, "devices", "`N` phones that the machine is to run")
		from := fs.StringSlice("source-ips", nil, "addresses that the phones will come from, `CIDR`; repeatable")
		asJSON := fs.Bool("json", false, "print one JSON object a line")
		return func(e *env, args []string) error {
			if err := wantArgs(args, 0, 0, "none"); err != nil {
				return err
			}
			if err := (valueRange[int]{"devices", int(devices), 1, fleet.MaxDevices}).check(fs.Changed); err != nil {
				return err
			}
			var pool *egress.Pool
			sources := 1
			if len(*from) > 0 {
				var err error
				if pool, err = egress.ParsePool(*from...); err != nil {
					return usage(fmt.Errorf("--source-ips: %w", err), "")
				}
				sources = pool.Len()
			}
			readings := limits.ThisMachine(sources).Read()
			// A fleet raises the limit as far as it may.
			if may, err := limits.RaiseDescriptors(openFiles(int(devices))); err == nil {
				readings.DescriptorLimit = may
			}
			all := append(diagnose(readings, int(devices), sources), sourceAddresses(pool, *from, int(devices)))
			return e.printDiagnoses(all, *asJSON)
		}
	},
}

// diagnosis is what one part of the machine can do.
type diagnosis struct {
	Part   string `json:"part"`
	Found  string `json:"found"`
	Enough bool   `json:"enough"`
	Do     string `json:"do,omitempty"` // what raises it, or what does without
}

// diagnose compares the machine with what a number of devices needs that ask from a
// number of source addresses, all at once.
func diagnose(r limits.Readings, devices, sources int) []diagnosis {
	all := []diagnosis{{Part: "processors", Found: strconv.FormatFloat(r.CPUs, 'g', 3, 64), Enough: true}}
	if r.MemoryLimit > 0 {
		all = append(all, diagnosis{Part: "memory", Found: report.Count(r.MemoryLimit>>20) + " MB available", Enough: true})
	}
	if r.DescriptorLimit > 0 {
		d := diagnosis{Part: "open files", Found: report.Count(r.DescriptorLimit), Enough: r.DescriptorLimit >= openFiles(devices)}
		if !d.Enough {
			d.Do = fmt.Sprintf("ulimit -n %d", openFiles(devices))
		}
		all = append(all, d)
	}
	if r.PortLimit > 0 {
		d := diagnosis{Part: "ports", Found: report.Count(r.PortLimit) + " with " + report.Plural(sources, "source"), Enough: r.PortLimit >= uint64(devices)}
		if !d.Enough {
			d.Do = "sysctl -w net.ipv4.ip_local_port_range='1024 65535'; or more addresses: ip route add local 10.0.64.0/18 dev lo, and --source-ips 10.0.64.0/18"
		}
		all = append(all, d)
	}
	return append(all,
		privilege("packet sockets, for --dhcp", capNetRaw, "cap_net_raw"),
		privilege("ports below 1024, for --dhcp-relay", capNetBindService, "cap_net_bind_service"),
		multicast(), clock())
}

// sourceAddresses says which addresses phones can come from. A pool has to be this
// machine's.
func sourceAddresses(pool *egress.Pool, nets []string, devices int) diagnosis {
	d := diagnosis{Part: "addresses", Enough: true}
	if pool == nil {
		own, err := net.InterfaceAddrs()
		d.Found = report.Plural(len(own), "address") + " of this machine; phones come from one without --source-ips"
		if err != nil {
			d.Found = "not known"
		}
		return d
	}
	d.Found = "those of --source-ips are this machine's"
	if err := pool.Check(devices); err != nil {
		d.Found, d.Enough = "not all of --source-ips are this machine's", false
		d.Do = "ip route add local " + strings.Join(nets, " dev lo; ip route add local ") + " dev lo"
	}
	return d
}

// Numbers of capabilities(7).
const (
	capNetBindService = 10
	capNetRaw         = 13
)

// capable reports whether this process has a capability, and whether that is known.
func capable(number uint) (has, known bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false, false
	}
	_, after, _ := strings.Cut(string(status), "\nCapEff:")
	set, err := strconv.ParseUint(strings.TrimSpace(strings.SplitN(after, "\n", 2)[0]), 16, 64)
	return set>>number&1 == 1, err == nil
}

// privilege says whether flags that need a capability work. There are others that do
// without, so its lack is no fault.
func privilege(part string, number uint, name string) diagnosis {
	d := diagnosis{Part: part, Found: "allowed", Enough: true}
	switch has, known := capable(number); {
	case !known:
		d.Found = "not known on " + runtime.GOOS
	case !has:
		d.Found, d.Do = "not allowed", "setcap "+name+`+ep "$(command -v provsim)"`
	}
	return d
}

// multicast says on which interfaces SIP PnP can ask.
func multicast() diagnosis {
	d := diagnosis{Part: "multicast", Enough: true}
	interfaces, err := net.Interfaces()
	var names []string
	for _, i := range interfaces {
		if i.Flags&net.FlagUp != 0 && i.Flags&net.FlagMulticast != 0 && i.Flags&net.FlagLoopback == 0 {
			names = append(names, i.Name)
		}
	}
	d.Found = strings.Join(names, ", ")
	if err != nil || len(names) == 0 {
		d.Found, d.Do = "no interface", "--pnp ADDRESS:PORT asks one address"
	}
	return d
}

// clock says how late this machine wakes a program.
func clock() diagnosis {
	late := make([]time.Duration, 50)
	for i := range late {
		began := time.Now()
		time.Sleep(time.Millisecond)
		late[i] = time.Since(began) - time.Millisecond
	}
	slices.Sort(late)
	worst := late[len(late)-1]
	d := diagnosis{Part: "clock", Found: fmt.Sprintf("wakes %s late, at most %s", report.Lasting(late[len(late)/2]), report.Lasting(worst)), Enough: worst < 20*time.Millisecond}
	if !d.Enough {
		d.Do = "this machine is busy: a run on it may be INVALID"
	}
	return d
}

func (e *env) printDiagnoses(all []diagnosis, asJSON bool) error {
	enough := true
	table := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, d := range all {
		enough = enough && d.Enough
		if asJSON {
			text, err := json.Marshal(d)
			if err != nil {
				return err
			}
			fmt.Fprintf(e.out, "%s\n", text)
			continue
		}
		word := "ok"
		if !d.Enough {
			word = "raise"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", word, d.Part, d.Found)
		if d.Do != "" {
			fmt.Fprintf(table, "\t\t%s\n", d.Do)
		}
	}
	if err := table.Flush(); err != nil {
		return cannot(err, "")
	}
	if !enough {
		return found()
	}
	return nil
}
