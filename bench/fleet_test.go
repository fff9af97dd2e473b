package bench

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"provsim/internal/lab"
	"provsim/internal/testing/peer"
)

// The lengths of turns. A turn over HTTPS is so long that most phones ask more
// than once: a phone reads its certificate only before its first request.
const (
	fleetTurn  = 2 * time.Second
	secureTurn = 3 * fleetTurn
)

// BenchmarkFleetHTTP measures phones beside programs that load a server only, with
// a new connection for each file.
func BenchmarkFleetHTTP(b *testing.B) {
	n := startNginx(b)
	url := "http://" + n.plain + "/IP542N.conf"
	for _, parallel := range []int{64, 256} {
		b.Run(fmt.Sprintf("parallel=%d", parallel), func(b *testing.B) {
			b.Run("tool=provsim", func(b *testing.B) {
				phoneLoad{rule: "http://" + n.plain + "/$PN.conf?mac=$MA", parallel: parallel, length: fleetTurn}.run(b)
			})
			b.Run("tool=wrk", func(b *testing.B) {
				loadProgram{
					args: []string{peer.Find(b, "wrk", "wrk"), "-t1", fmt.Sprintf("-c%d", parallel), fmt.Sprintf("-d%.0fs", fleetTurn.Seconds()), "-H", "Connection: close", url},
					rate: regexp.MustCompile(`Requests/sec:\s+(\S+)`), flaw: regexp.MustCompile(`Non-2xx.*|Socket errors.*`),
				}.run(b)
			})
			b.Run("tool=ab", func(b *testing.B) { ab(b, url, "", parallel, fleetTurn).run(b) })
			b.Run("tool=vegeta", func(b *testing.B) { vegeta(b, url, parallel, fleetTurn).run(b) })
		})
	}
}

// BenchmarkFleetHTTPS does a full handshake for each file, with a client
// certificate (ECDSA P-256): one for each phone, and the same in all handshakes of
// ab and vegeta.
func BenchmarkFleetHTTPS(b *testing.B) {
	const parallel = 32
	n := startNginx(b)
	url, pair := "https://"+n.secure+"/IP542N.conf", filepath.Join(n.certs, "0")
	b.Run("tool=provsim", func(b *testing.B) {
		phoneLoad{rule: "https://" + n.secure + "/$PN.conf?mac=$MA", parallel: parallel, length: secureTurn, certs: n.certs}.run(b)
	})
	b.Run("tool=ab", func(b *testing.B) { ab(b, url, pair+".pem", parallel, secureTurn).run(b) })
	b.Run("tool=vegeta", func(b *testing.B) {
		vegeta(b, url, parallel, secureTurn, "-root-certs="+filepath.Join(n.certs, "ca.crt"), "-cert="+pair+".crt", "-key="+pair+".key", "-session-tickets=false").run(b)
	})
}

// An nginx has addresses over HTTP and HTTPS, and one that answers some requests
// wrong, late or not at all.
type nginx struct {
	plain, secure, faulty string
	dir                   string // what it serves is in its folder www
	certs                 string // directory of the phones' certificates and keys, by number
	first                 *peer.Program
	start                 func() *peer.Program // again, once it has stopped
}

// certificates is how many phones have a certificate; others share them.
const certificates = 2000

func startNginx(b *testing.B) nginx {
	program, host, dir := peer.Find(b, "nginx", "nginx"), peer.Loopback(), peer.PublicDir(b)
	n := nginx{plain: host + ":18080", secure: host + ":18443", faulty: host + ":18081", dir: dir, certs: filepath.Join(dir, "certs")}
	ca, err := lab.NewAuthority("bench", lab.ECDSA)
	if err != nil {
		b.Fatal(err)
	}
	files := map[string][]byte{"www/IP542N.conf": fleetFile(), "certs/ca.crt": ca.PEM()}
	issue := func(name string, leaf lab.Leaf) {
		cert, key, err := ca.Issue(leaf)
		if err != nil {
			b.Fatal(err)
		}
		files["certs/"+name+".crt"], files["certs/"+name+".key"], files["certs/"+name+".pem"] = cert, key, slices.Concat(cert, key)
	}
	issue("server", lab.Leaf{Name: "server", Hosts: []string{host}})
	for i := range certificates {
		issue(fmt.Sprint(i), lab.Leaf{Name: fmt.Sprintf("0021F2%06X", i)})
	}
	peer.Publish(b, dir, files)
	path := config(b, dir, "nginx.conf", "@HOST@", host)
	n.start = func() *peer.Program {
		return peer.Start(b, dir, peer.Listens(n.secure), program, "-e", "stderr", "-c", path)
	}
	n.first = n.start()
	return n
}

// fleetFile is a configuration of 2 KB, of the version that the phones have.
func fleetFile() []byte {
	text := "DBID_DBASE_VERSION=" + fleetVersion + "\n"
	for i := 1; len(text) < 2000; i++ {
		text += fmt.Sprintf("DBID_SIP_SETTING_%d=sip%d.example.com\n", i, i)
	}
	return []byte(text + "#" + strings.Repeat("-", smallSize-len(text)-2) + "\n")
}

// A loadProgram loads a server for a while and prints a rate.
type loadProgram struct {
	args  []string
	input string
	rate  *regexp.Regexp // finds the rate in what it prints
	flaw  *regexp.Regexp // finds failures in it, unless their number is zero
}

// run measures how many transfers a second the program did, and how much of its
// processor time each took.
func (p loadProgram) run(b *testing.B) {
	runtime.GC()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.args[0], p.args[1:]...)
	cmd.Stdin = strings.NewReader(p.input)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start)
	if err != nil {
		b.Fatalf("%v: %.400q", err, out)
	}
	rate, err := p.parse(string(out))
	if err != nil {
		b.Fatal(err)
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	report(b, figure{rate, "files/s"}, figure{used.Seconds() / took.Seconds() / rate, "cpu-sec/file"})
}

// parse finds the rate in what the program printed.
func (p loadProgram) parse(out string) (float64, error) {
	found := p.rate.FindStringSubmatch(out)
	if flaw := p.flaw.FindString(out); flaw != "" || found == nil {
		return 0, fmt.Errorf("%s: no rate without failures in %.400q", flaw, out)
	}
	rate, err := strconv.ParseFloat(found[1], 64)
	if err == nil && rate <= 0 {
		err = fmt.Errorf("rate %v in %.400q, want one above 0", rate, out)
	}
	return rate, err
}

// ab does not check the server's certificate.
func ab(b *testing.B, url, pair string, parallel int, length time.Duration) loadProgram {
	args := []string{peer.Find(b, "ab", "apache2-utils"), "-q", "-c", fmt.Sprint(parallel), "-t", fmt.Sprintf("%.0f", length.Seconds()), "-n", "10000000"}
	if pair != "" {
		args = append(args, "-E", pair)
	}
	return loadProgram{
		args: append(args, url),
		rate: regexp.MustCompile(`Requests per second:\s+(\S+)`), flaw: regexp.MustCompile(`Failed requests:\s+[1-9]\d*|Non-2xx.*`),
	}
}

func vegeta(b *testing.B, url string, parallel int, length time.Duration, tls ...string) loadProgram {
	return loadProgram{
		input: "GET " + url + "\n",
		args: append([]string{
			"sh", "-c", `program=$1; "$@" | "$program" report -type=text`, "sh",
			built(b, "VEGETA"), "attack", "-keepalive=false", "-http2=false", "-rate=0", "-duration=" + length.String(),
			fmt.Sprintf("-workers=%d", parallel), fmt.Sprintf("-max-workers=%d", parallel),
		}, tls...),
		rate: regexp.MustCompile(`Requests\s+\[total, rate, throughput\]\s+\S+ \S+ ([\d.]+)`), flaw: regexp.MustCompile(`Success\s+\[ratio\]\s+\d?\d\.\S*`),
	}
}

func TestRatesAreFound(t *testing.T) {
	b := new(testing.B)
	t.Setenv("VEGETA", "vegeta")
	v := vegeta(b, "u", 1, time.Second)
	for _, c := range []struct {
		program loadProgram
		out     string
		want    float64
	}{
		{v, "Requests      [total, rate, throughput]         15583, 7790.40, 7780.16\nSuccess       [ratio]                           100.00%\n", 7780.16},
		{v, "Requests      [total, rate, throughput]         15583, 7790.40, 7780.16\nSuccess       [ratio]                           99.98%\n", 0},
		{v, "Requests      [total, rate, throughput]         15583, 7790.40, 7780.16\nSuccess       [ratio]                           0.00%\n", 0},
		{v, "unable to connect", 0},
	} {
		if got, err := c.program.parse(c.out); got != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%q: %v, %v; want %v", c.out, got, err, c.want)
		}
	}
}
