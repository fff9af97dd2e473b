package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"provsim/internal/testing/peer"
)

// A summary is what is read of what provsim plan and provsim fleet print.
type summary struct {
	Validity    json.RawMessage `json:"validity"`
	Provisioned struct {
		Devices int `json:"devices"`
	} `json:"provisioned"`
	Jobs []struct {
		Job     string `json:"job"`
		Started int    `json:"started"`
		Ended   int    `json:"ended"`
	} `json:"jobs"`
	Times  []quantiles `json:"times"`
	Counts struct {
		Devices  int                       `json:"devices"`
		Boots    int                       `json:"boots"`
		Outcomes map[string]map[string]int `json:"outcomes"`
	} `json:"counts"`
}

// quantiles are of a time, in seconds.
type quantiles struct {
	Name string  `json:"name"`
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	Max  float64 `json:"max"`
}

// lag returns how long after its time a job starts.
func (s *summary) lag(b *testing.B) quantiles {
	i := slices.IndexFunc(s.Times, func(q quantiles) bool { return q.Name == "lag" })
	if i < 0 {
		b.Fatal("the summary has no lag")
	}
	return s.Times[i]
}

// ended returns how many jobs ended.
func (s *summary) ended() (sum int) {
	for _, j := range s.Jobs {
		sum += j.Ended
	}
	return sum
}

// command runs provsim and returns the summary that it prints, and what the
// process used.
func command(b *testing.B, args ...string) (s summary, used *os.ProcessState) {
	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Hour)
	defer cancel()
	cmd := exec.CommandContext(ctx, provsim(b), append(args, "--json")...)
	// Failures that the scenario provokes end it with 1, a limit of this machine
	// with 4: the summary tells which.
	var ended *exec.ExitError
	text, err := cmd.Output()
	if err != nil && !errors.As(err, &ended) {
		b.Fatal(err)
	}
	if err := json.Unmarshal(text, &s); err != nil || s.ended() == 0 {
		b.Fatalf("%s: %v, %d jobs have ended: %v %s", cmd, err, s.ended(), ended, ended.Stderr)
	}
	return s, cmd.ProcessState
}

func cpu(used *os.ProcessState) float64 { return (used.UserTime() + used.SystemTime()).Seconds() }

// BenchmarkPlan measures whole plans as processes: virtual time, a modelled
// server, everything counted, the report printed.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("phones=%d", n), func(b *testing.B) {
			s, used := command(b, "plan", "--scenario", config(b, b.TempDir(), "plan.yaml"), "--devices", strconv.Itoa(n))
			if s.ended() < 24*n {
				b.Fatalf("%d resyncs, want at least 24 of each phone", s.ended())
			}
			b.ReportMetric(cpu(used), "cpu-sec/op")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(s.ended()), "ns/resync")
			b.ReportMetric(float64(used.SysUsage().(*syscall.Rusage).Maxrss)*1024, "resident-B")
		})
	}
}

// BenchmarkPunctual measures how long after its time a resync starts, with 10,000
// phones and a thousand resyncs a second.
func BenchmarkPunctual(b *testing.B) {
	n := startNginx(b)
	s, _ := command(b, "fleet", "--scenario", config(b, b.TempDir(), "steady.yaml", "@SERVER@", n.plain, "@PHONES@", "10000", "@LENGTH@", "1m", "@SECONDS@", "10"))
	late := s.lag(b)
	report(b, figure{float64(s.ended()), "resyncs"}, figure{late.P50, "p50-lag-sec"}, figure{late.P99, "p99-lag-sec"}, figure{late.Max, "max-lag-sec"})
	if late.P99 > mostLag {
		b.Errorf("one start in a hundred was %.3g ms late, want at most %.3g", late.P99*1e3, mostLag*1e3)
	}
}

// BenchmarkFleetDashboard compares the processor time of a fleet with an open
// dashboard with that of a fleet without one: 100,000 phones, each of which
// resyncs once in 20 seconds.
func BenchmarkFleetDashboard(b *testing.B) {
	n, dir := startNginx(b), b.TempDir()
	scenario := config(b, dir, "steady.yaml", "@SERVER@", n.plain, "@PHONES@", "100000", "@LENGTH@", "20s", "@SECONDS@", "20")
	fleet := func(b *testing.B, args ...string) {
		s, used := command(b, append([]string{"fleet", "--scenario", scenario}, args...)...)
		report(b, figure{cpu(used) / float64(s.ended()), "cpu-sec/file"}, figure{float64(s.ended()), "files"})
	}
	b.Run("page=none", func(b *testing.B) { fleet(b) })
	b.Run("page=open", func(b *testing.B) {
		const password = "of-a-measurement"
		peer.Publish(b, dir, map[string][]byte{"password": []byte(password + "\n")})
		address := peer.Loopback() + ":19091"
		reading := make(chan error, 1)
		go func() { reading <- readDashboard(b, "http://"+address+"/", password) }()
		fleet(b, "--web", address, "--web-password-file", filepath.Join(dir, "password"))
		if err := <-reading; err != nil {
			b.Error(err)
		}
	})
}

// readDashboard logs in and reads what the page sends, until the run ends.
func readDashboard(b *testing.B, page, password string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar}
	peer.Await(b, "the dashboard", func(context.Context) error {
		login, err := client.Post(page+"api/login", "application/json", strings.NewReader(`{"user":"admin","password":"`+password+`"}`))
		if err != nil {
			return err
		}
		return login.Body.Close()
	})
	answer, err := client.Get(page + "overview/live")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	n, _ := io.Copy(io.Discard, answer.Body) // the end of the run ends it
	if n == 0 || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the dashboard sent %d bytes with status %s", n, answer.Status)
	}
	return nil
}

// grows are the metrics of a fleet's process that a soak watches, and how much
// they may grow beside a tenth, for transfers that are under way.
var grows = []struct {
	metric, unit string
	slack        float64
}{
	{"go_goroutines", "goroutines", 100},
	{"process_open_fds", "descriptors", 100},
	{"process_resident_memory_bytes", "resident-B", 8 << 20},
}

// BenchmarkSoak runs a fleet against nginx that answers four requests in a hundred
// wrong, slowly or not at all, and that is down for ten seconds of each two
// minutes. It reports the process's metrics by tenths of the run.
func BenchmarkSoak(b *testing.B) {
	length := 10 * time.Minute
	if text := os.Getenv("SOAK"); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil || length < 2*time.Minute {
			b.Fatalf("SOAK=%s: want at least 2m, or its growth is that of the start", text)
		}
	}
	n, address := startNginx(b), peer.Loopback()+":19090"
	ctx, end := context.WithCancel(b.Context())
	outages, watched := make(chan bool), make(chan bool)
	go func() {
		defer close(outages)
		n.failNowAndThen(ctx, b)
	}()
	parts := make([][]map[string]float64, 10)
	go func() {
		defer close(watched)
		for start := time.Now(); rest(ctx, time.Second); {
			if metrics := readMetrics("http://" + address + "/metrics"); metrics != nil {
				part := min(int(10*time.Since(start)/length), 9)
				parts[part] = append(parts[part], metrics)
			}
		}
	}()
	s, _ := command(b, "fleet", "--scenario", config(b, b.TempDir(), "soak.yaml", "@SERVER@", n.faulty, "@LENGTH@", length.String()), "--metrics", address)
	end()
	<-outages
	<-watched
	b.Logf("outcomes %v, validity %s", s.Counts.Outcomes, bytes.ReplaceAll(s.Validity, []byte("\n"), nil)) // bench/run shows lines of a log
	for i, seen := range parts {
		b.Run(fmt.Sprintf("part=%02d", i+1), func(b *testing.B) {
			report(b)
			for _, g := range grows {
				b.ReportMetric(median(b, seen, g.metric), g.unit)
			}
		})
	}
	for _, g := range grows {
		if before, after := median(b, parts[1], g.metric), median(b, parts[9], g.metric); after > 1.1*before+g.slack {
			b.Errorf("%s grew from %.0f to %.0f", g.unit, before, after)
		}
	}
	// What grows at first has grown after half an hour.
	const memory = "process_resident_memory_bytes"
	if before, after := median(b, parts[5], memory), median(b, parts[9], memory); length >= time.Hour && after > 1.01*before {
		b.Errorf("the resident memory grew from %.0f to %.0f in the second half", before, after)
	}
	s.accounted(b, int(parts[9][len(parts[9])-1]["provsim_devices"]))
}

// failNowAndThen stops nginx and starts it again, until the context ends.
func (n nginx) failNowAndThen(ctx context.Context, b *testing.B) {
	program := n.first
	for rest(ctx, 110*time.Second) {
		program.Stop(b)
		rest(ctx, 10*time.Second)
		program = n.start()
	}
}

// rest waits, and reports false where the context ends.
func rest(ctx context.Context, length time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(length):
		return true
	}
}

// readMetrics returns the sums of a fleet's metrics over their labels; nil before
// and after the run.
func readMetrics(url string) map[string]float64 {
	answer, err := http.Get(url)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	found := map[string]float64{}
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			name, _, _ = strings.Cut(name, "{")
			found[name] += value
		}
	}
	return found
}

// median returns the middle value of a metric.
func median(b *testing.B, seen []map[string]float64, metric string) float64 {
	if len(seen) == 0 {
		b.Fatal("the fleet did not show its metrics")
	}
	var values []float64
	for _, metrics := range seen {
		values = append(values, metrics[metric])
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// accounted checks that each device is counted in the summary and in the states
// that the fleet showed last, and that the outcomes add up to the jobs.
func (s *summary) accounted(b *testing.B, states int) {
	if n := s.Counts.Devices; states != n || s.Provisioned.Devices != n || s.Counts.Boots < n {
		b.Errorf("%d devices have a state, %d are in the count of the provisioned ones, %d boots: want %d",
			states, s.Provisioned.Devices, s.Counts.Boots, n)
	}
	for _, j := range s.Jobs {
		sum := 0
		for _, count := range s.Counts.Outcomes[j.Job] {
			sum += count
		}
		if sum != j.Ended || j.Ended > j.Started {
			b.Errorf("%s: %d have begun, %d have ended, and %d have an outcome", j.Job, j.Started, j.Ended, sum)
		}
	}
}
