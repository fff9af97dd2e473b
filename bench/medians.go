package main

import (
	"bufio"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A benchmark is what go test -bench -count N said about one of its names.
type benchmark struct {
	name    string
	figures map[string][]float64 // by unit
}

// processors is the end of a name that says GOMAXPROCS.
var processors = regexp.MustCompile(`-\d+$`)

// parseBenchmarks reads lines such as
//
//	BenchmarkStep-2   	   52360	       703.2 ns/op	       0 allocs/op
//
// and gives each name its package's as a prefix. Other lines are passed over.
func parseBenchmarks(from io.Reader) ([]benchmark, error) {
	var found []benchmark
	pkg := ""
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		if path, ok := strings.CutPrefix(lines.Text(), "pkg: "); ok {
			pkg = path[strings.LastIndex(path, "/")+1:]
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := pkg + "." + processors.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
		i := slices.IndexFunc(found, func(b benchmark) bool { return b.name == name })
		if i < 0 {
			i = len(found)
			found = append(found, benchmark{name, map[string][]float64{}})
		}
		for j := 2; j+1 < len(fields); j += 2 {
			figure, err := strconv.ParseFloat(fields[j], 64)
			if err != nil {
				return nil, err
			}
			unit := fields[j+1]
			found[i].figures[unit] = append(found[i].figures[unit], figure)
		}
	}
	if len(found) == 0 && lines.Err() == nil {
		return nil, errors.New("no benchmark in the input, want what go test -bench writes")
	}
	return found, lines.Err()
}

// medians writes the table of the Go benchmarks.
func medians(from io.Reader, to io.Writer) error {
	found, err := parseBenchmarks(from)
	if err != nil {
		return err
	}
	t := table{title: "Go benchmarks, medians"}
	t.add("benchmark", "runs", "time/op", "min", "max", "MB/s", "B/op", "allocs/op", "also")
	for _, b := range found {
		ns := b.figures["ns/op"]
		t.add(b.name, strconv.Itoa(len(ns)), duration(median(ns)), duration(slices.Min(ns)), duration(slices.Max(ns)),
			b.median("MB/s"), b.median("B/op"), b.median("allocs/op"), b.also())
	}
	return t.write(to)
}

// median returns the median of a unit, or nothing where it was not measured.
func (b benchmark) median(unit string) string {
	if len(b.figures[unit]) == 0 {
		return ""
	}
	if unit == "MB/s" {
		return significant(median(b.figures[unit]))
	}
	return strconv.FormatFloat(median(b.figures[unit]), 'f', 0, 64)
}

// also returns the medians of the units that the benchmark itself reports.
func (b benchmark) also() string {
	var also []string
	for unit, figures := range b.figures {
		if !slices.Contains([]string{"ns/op", "MB/s", "B/op", "allocs/op"}, unit) {
			also = append(also, significant(median(figures))+" "+unit)
		}
	}
	slices.Sort(also)
	return strings.Join(also, ", ")
}

func duration(ns float64) string {
	switch {
	case ns >= float64(time.Millisecond):
		return significant(ns/1e6) + " ms"
	case ns >= float64(time.Microsecond):
		return significant(ns/1e3) + " µs"
	}
	return significant(ns) + " ns"
}
