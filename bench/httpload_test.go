package main

import (
	"strings"
	"testing"
	"time"
)

func TestRatesAreFound(t *testing.T) {
	phones, err := own("provsim", "fleet-load")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		program loadProgram
		out     string
		want    float64
		wrong   string
	}{
		{phones, "39846 done, 0 failed, in 2.000 seconds \n", 19923, ""},
		{phones, "39846 done, 12 failed, in 2.000 seconds timeout \"no answer\"\n", 0, "12 failed"},
		{phones, "0 done, 0 failed, in 2.000 seconds \n", 0, "want one above 0"},
		{wrk("u", 1, time.Second), "Requests/sec:  16305.54\nTransfer/sec: 35.72MB\n", 16305.54, ""},
		{wrk("u", 1, time.Second), "  Non-2xx or 3xx responses: 5\nRequests/sec:  16305.54\n", 0, "Non-2xx"},
		{wrk("u", 1, time.Second), "  Socket errors: connect 0, read 7, write 0, timeout 0\nRequests/sec: 1\n", 0, "Socket errors"},
		{ab("u", "", 1, time.Second), "Failed requests:        0\nRequests per second:    15535.10 [#/sec] (mean)\n", 15535.1, ""},
		{ab("u", "", 1, time.Second), "Failed requests:        3\nRequests per second:    15535.10 [#/sec] (mean)\n", 0, "Failed"},
		{vegeta("v", "u", 1, time.Second), "Requests      [total, rate, throughput]         15583, 7790.40, 7780.16\nSuccess       [ratio]                           100.00%\n", 7780.16, ""},
		{vegeta("v", "u", 1, time.Second), "Requests      [total, rate, throughput]         15583, 7790.40, 7780.16\nSuccess       [ratio]                           99.98%\n", 0, "99.98"},
		{vegeta("v", "u", 1, time.Second), "Requests      [total, rate, throughput]         15583, 7790.40, 7780.16\nSuccess       [ratio]                           0.00%\n", 0, "0.00"},
		{wrk("u", 1, time.Second), "unable to connect", 0, "no rate"},
	} {
		got, err := c.program.parse(c.out)
		if c.wrong == "" && (err != nil || got != c.want) || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: %q: %v, %v; want %v %s", c.program.name, c.out, got, err, c.want, c.wrong)
		}
	}
}

func TestProgramsThatMustBeThere(t *testing.T) {
	for want, p := range map[string]loadProgram{
		"wrk": wrk("u", 1, time.Second), "ab": ab("u", "", 1, time.Second), "/x/vegeta": vegeta("/x/vegeta", "u", 1, time.Second),
	} {
		if got := p.program(); got != want {
			t.Errorf("%s needs %q, want %q", p.name, got, want)
		}
	}
}
