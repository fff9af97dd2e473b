package limits

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// linux reads /proc and the control group (cgroups(7), version 2).
type linux struct {
	proc, group string // directories; group is empty without a control group
	sources     uint64
}

// ThisMachine returns the machine as this process sees it, in its control group
// and network namespace. Each of sources addresses has ports of its own; none
// given is one.
func ThisMachine(sources int) Reader {
	m := linux{proc: "/proc", sources: uint64(max(sources, 1))}
	if path, ok := strings.CutPrefix(m.line("self/cgroup", "0::"), "0::"); ok {
		m.group = filepath.Join("/sys/fs/cgroup", path)
	}
	return m
}

// Read reads what can be read.
func (m linux) Read() Readings {
	r := Readings{Ports: m.ports(), PortLimit: m.portRange() * m.sources, CPUs: m.processors()}
	r.Descriptors, r.DescriptorLimit = m.descriptors()
	r.Memory = m.kilobytes("self/status", "VmRSS:")
	if available := m.kilobytes("meminfo", "MemAvailable:"); available > 0 {
		r.MemoryLimit = r.Memory + available
	}
	if most, ok := number(m.inGroup("memory.max")); ok && (r.MemoryLimit == 0 || most < r.MemoryLimit) {
		r.MemoryLimit = most
	}
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) == nil {
		r.CPU = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	return r
}

func (m linux) descriptors() (used, most uint64) {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0, 0
	}
	dir := filepath.Join(m.proc, "self/fd")
	// Since Linux 6.2 the size of the directory is how many there are; before, it
	// is 0, and reading the names of many thousands takes a while.
	if info, err := os.Stat(dir); err == nil && info.Size() > 0 {
		return uint64(info.Size()), limit.Cur
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		return 0, 0
	}
	return uint64(len(names)), limit.Cur
}

// ports counts the sockets that may hold one, those in TIME_WAIT included.
func (m linux) ports() (sum uint64) {
	for file, kinds := range map[string][]string{
		"net/sockstat":  {"TCP:", "UDP:"},
		"net/sockstat6": {"TCP6:", "UDP6:"},
	} {
		for _, kind := range kinds {
			fields := strings.Fields(m.line(file, kind))
			for i := 1; i+1 < len(fields); i += 2 {
				if fields[i] == "inuse" || fields[i] == "tw" {
					n, _ := number(fields[i+1])
					sum += n
				}
			}
		}
	}
	return sum
}

func (m linux) portRange() uint64 {
	text, _ := os.ReadFile(filepath.Join(m.proc, "sys/net/ipv4/ip_local_port_range"))
	var low, high uint64
	if _, err := fmt.Sscan(string(text), &low, &high); err != nil || high < low {
		return 0
	}
	return high - low + 1
}

// processors returns how many this process can use: all, or the group's quota.
func (m linux) processors() float64 {
	all := float64(runtime.NumCPU())
	var quota, period float64
	if n, err := fmt.Sscan(m.inGroup("cpu.max"), &quota, &period); err != nil || n < 2 || period <= 0 {
		return all
	}
	return math.Min(all, quota/period)
}

func (m linux) inGroup(file string) string {
	if m.group == "" {
		return ""
	}
	text, _ := os.ReadFile(filepath.Join(m.group, file))
	return strings.TrimSpace(string(text))
}

// kilobytes returns the bytes of a line such as "VmRSS:  1234 kB".
func (m linux) kilobytes(file, name string) uint64 {
	fields := strings.Fields(m.line(file, name))
	if len(fields) < 2 {
		return 0
	}
	n, _ := number(fields[1])
	return n << 10
}

// line returns the first line of a file that begins with a text.
func (m linux) line(file, begin string) string {
	text, err := os.ReadFile(filepath.Join(m.proc, file))
	if err != nil {
		return ""
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), begin) {
			return lines.Text()
		}
	}
	return ""
}

func number(text string) (uint64, bool) {
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil
}
