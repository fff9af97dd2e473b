package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// metricsAt is where a watched fleet shows its metrics.
const metricsAt = "127.0.7.1:19090"

// vitals are what a process needs at a moment.
type vitals struct {
	goroutines  float64
	descriptors float64
	memory      float64 // resident, in MB
	devices     int     // in any state
}

// watch looks at a fleet once a second. It leaves out the moments at which there
// is nothing to see, such as before the fleet has begun.
func watch(ctx context.Context, pid int, length time.Duration) (seen []vitals) {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for end := time.Now().Add(length); time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return seen
		case <-second.C:
			if v, err := look(ctx, pid); err == nil {
				seen = append(seen, v)
			}
		}
	}
	return seen
}

// look asks the system and the fleet itself.
func look(ctx context.Context, pid int) (v vitals, err error) {
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return v, err
	}
	v.descriptors = float64(len(open))
	resident, _, _ := strings.Cut(field(fmt.Sprintf("/proc/%d/status", pid), "VmRSS"), " ")
	kilobytes, err := strconv.ParseFloat(resident, 64)
	if err != nil {
		return v, err
	}
	v.memory = kilobytes / 1024
	return v, v.ask(ctx)
}

// ask reads the metrics that the fleet shows.
func (v *vitals) ask(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+metricsAt+"/metrics", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), " ")
		value, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil: // a comment
		case name == "go_goroutines":
			v.goroutines = value
		case strings.HasPrefix(name, "provsim_devices{"):
			v.devices += int(value)
		}
	}
	return lines.Err()
}

// most returns the largest of what was seen, figure by figure.
func most(seen []vitals) (m vitals) {
	for _, v := range seen {
		m.goroutines = max(m.goroutines, v.goroutines)
		m.descriptors = max(m.descriptors, v.descriptors)
		m.memory = max(m.memory, v.memory)
		m.devices = v.devices
	}
	return m
}

// quiet returns the medians of what was seen: a power cut's peak is no growth.
func quiet(seen []vitals) vitals {
	figures := func(of func(vitals) float64) float64 {
		all := make([]float64, len(seen))
		for i, v := range seen {
			all[i] = of(v)
		}
		return median(all)
	}
	return vitals{
		goroutines:  figures(func(v vitals) float64 { return v.goroutines }),
		descriptors: figures(func(v vitals) float64 { return v.descriptors }),
		memory:      figures(func(v vitals) float64 { return v.memory }),
	}
}
