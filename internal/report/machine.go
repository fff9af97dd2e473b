package report

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"

	"provsim/internal/tally"
)

// ThisMachine says what the program runs on. The processor's model and the
// memory are known on Linux only.
func ThisMachine() tally.Host {
	m := tally.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version()}
	m.CPU = procField("/proc/cpuinfo", "model name")
	kilobytes, _, _ := strings.Cut(procField("/proc/meminfo", "MemTotal"), " ")
	if kb, err := strconv.ParseUint(kilobytes, 10, 53); err == nil {
		m.Memory = kb << 10
	}
	return m
}

// procField returns the value of the first line "name: value", or nothing.
func procField(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if field, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(field) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
