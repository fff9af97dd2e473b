package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// machine writes where the figures come from.
func machine(ctx context.Context, to io.Writer) error {
	facts := [][2]string{
		{"date", time.Now().Format(time.DateOnly)},
		{"processor", fmt.Sprintf("%d cores, %s", runtime.NumCPU(), field("/proc/cpuinfo", "model name"))},
		{"memory", field("/proc/meminfo", "MemTotal")},
		{"system", version(ctx, "uname", "-sr")},
		{"load average before", loadAverage()},
		{"Go", fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)},
		{"openssl", version(ctx, "openssl", "version")},
		{"curl", version(ctx, "curl", "-V")},
		{"tftp", version(ctx, "tftp", "-V")},
		{"atftp", version(ctx, "atftp", "-V")},
		{"atftpd", version(ctx, "atftpd", "-V")},
		{"tftpd-hpa", version(ctx, findHPA(ctx), "-V")},
	}
	var text strings.Builder
	for _, fact := range facts {
		fmt.Fprintf(&text, "- %s: %s\n", fact[0], fact[1])
	}
	_, err := fmt.Fprintln(to, text.String())
	return err
}

// field returns the value of a name in a file of "name: value" lines. Systems
// without the file have no value.
func field(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// loadAverage returns those of 1, 5 and 15 minutes, which tell whether others
// were at work.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	averages := strings.Fields(string(text))
	return strings.Join(averages[:min(3, len(averages))], " ")
}
