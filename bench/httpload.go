package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A loadProgram loads a server for a while and prints a rate.
type loadProgram struct {
	name  string
	args  []string
	input string
	rate  *regexp.Regexp // finds the rate in what it prints
	flaw  *regexp.Regexp // finds failures in it, all but zero of them
}

// run returns how many transfers a second the program did, and what each took
// of its processor time.
func (p loadProgram) run(ctx context.Context) (figures, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.args[0], p.args[1:]...)
	cmd.Stdin = strings.NewReader(p.input)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start)
	if err != nil {
		return figures{}, fmt.Errorf("%w: %.400q", err, out)
	}
	rate, err := p.parse(string(out))
	if err != nil {
		return figures{}, err
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return figures{rate: rate, cost: used.Seconds() / took.Seconds() / rate}, nil
}

// parse finds the rate in what the program printed.
func (p loadProgram) parse(out string) (float64, error) {
	if flaw := p.flaw.FindString(out); flaw != "" {
		return 0, fmt.Errorf("%s: %.400q", flaw, out)
	}
	found := p.rate.FindStringSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("no rate in %.400q", out)
	}
	rate, err := strconv.ParseFloat(found[1], 64)
	if err == nil && len(found) > 2 { // a count and a time
		var seconds float64
		seconds, err = strconv.ParseFloat(found[2], 64)
		rate /= seconds
	}
	if err != nil || rate <= 0 {
		return 0, fmt.Errorf("rate %v (%v) in %.400q, want one above 0", rate, err, out)
	}
	return rate, nil
}

// fighter returns the program as a contender.
func (p loadProgram) fighter() fighter {
	return fighter{name: p.name, absent: absent(p.program()), turn: p.run}
}

// own is a load that this program runs in a process of its own.
func own(name string, args ...string) (loadProgram, error) {
	self, err := os.Executable()
	return loadProgram{
		name: name, args: append([]string{self}, args...),
		rate: regexp.MustCompile(`(\d+) done, \d+ failed, in (\S+) seconds`),
		flaw: regexp.MustCompile(`[1-9]\d* failed`),
	}, err
}

func wrk(url string, parallel int, length time.Duration) loadProgram {
	return loadProgram{
		name: "wrk",
		args: []string{"wrk", "-t1", fmt.Sprintf("-c%d", parallel), fmt.Sprintf("-d%.0fs", length.Seconds()), "-H", "Connection: close", url},
		rate: regexp.MustCompile(`Requests/sec:\s+(\S+)`),
		flaw: regexp.MustCompile(`Non-2xx.*|Socket errors.*`),
	}
}

// ab shows one certificate in all handshakes, and does not look at the
// server's.
func ab(url, pair string, parallel int, length time.Duration) loadProgram {
	args := []string{"ab", "-q", "-c", fmt.Sprint(parallel), "-t", fmt.Sprintf("%.0f", length.Seconds()), "-n", "10000000"}
	if pair != "" {
		args = append(args, "-E", pair)
	}
	return loadProgram{
		name: "ab", args: append(args, url),
		rate: regexp.MustCompile(`Requests per second:\s+(\S+)`),
		flaw: regexp.MustCompile(`Failed requests:\s+[1-9]\d*|Non-2xx.*`),
	}
}

func vegeta(program, url string, parallel int, length time.Duration, tls ...string) loadProgram {
	attack := append([]string{
		program, "attack", "-keepalive=false", "-http2=false", "-rate=0", "-duration=" + length.String(),
		fmt.Sprintf("-workers=%d", parallel), fmt.Sprintf("-max-workers=%d", parallel),
	}, tls...)
	return loadProgram{
		name: "vegeta", input: "GET " + url + "\n",
		args: []string{"sh", "-c", `program=$1; "$@" | "$program" report -type=text`, "sh"},
		rate: regexp.MustCompile(`Requests\s+\[total, rate, throughput\]\s+\S+ \S+ ([\d.]+)`),
		flaw: regexp.MustCompile(`Success\s+\[ratio\]\s+\d?\d\.\S*`),
	}.with(attack)
}

func (p loadProgram) with(args []string) loadProgram {
	p.args = append(p.args, args...)
	return p
}

// program returns what must be installed.
func (p loadProgram) program() string {
	if p.args[0] == "sh" { // sh -c SCRIPT sh PROGRAM …
		return p.args[4]
	}
	return p.args[0]
}
