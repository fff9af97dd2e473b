package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/testing/peer"
)

// BenchmarkLearn measures provsim learn on a combined log of 20,000 phones, beside
// goaccess, and beside awk that does no more than count the lines by their status.
func BenchmarkLearn(b *testing.B) {
	const phones = 20_000
	path := filepath.Join(b.TempDir(), "access.log")
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	size, err := phonesLog(out, phones, 0, 14*3600) // some 200 MB
	if err != nil {
		b.Fatal(err)
	}
	if text, err := exec.CommandContext(b.Context(), "gzip", "-1", "-k", path).CombinedOutput(); err != nil {
		b.Fatalf("gzip: %v %s", err, text)
	}
	b.Run("log=plain/tool=provsim", func(b *testing.B) { learn(b, phones, size, nil, path) })
	b.Run("log=plain/tool=goaccess", func(b *testing.B) {
		program := peer.Find(b, "goaccess", "goaccess")
		perByte(b, size, exec.CommandContext(b.Context(), program, path, "--log-format=COMBINED", "--no-progress", "-o", filepath.Join(b.TempDir(), "report.json")))
	})
	b.Run("log=gzip/tool=provsim", func(b *testing.B) { learn(b, phones, size, nil, path+".gz") })
	b.Run("log=gzip/tool=zcat-awk", func(b *testing.B) {
		perByte(b, size, exec.CommandContext(b.Context(), "sh", "-c", `zcat "$0" | awk '{ n[$9]++ } END { for (s in n) print s, n[s] }'`, path+".gz"))
	})
}

// BenchmarkLearnMemory measures the memory of provsim learn on longer and longer logs of
// 500,000 phones. Each is a rotated set of eight logs, which come through pipes while they
// are made. GB is the size of one set in place of the usual three.
func BenchmarkLearnMemory(b *testing.B) {
	const phones, most, logs, sample = 500_000, 1 << 30, 8, 60
	sizes := []float64{0.5, 1, 2}
	if text := os.Getenv("GB"); text != "" {
		size, err := strconv.ParseFloat(text, 64)
		if err != nil || size < 0.5 {
			b.Fatalf("GB=%s: want at least 0.5, in which every phone asks", text)
		}
		sizes = []float64{size}
	}
	inSample, err := phonesLog(io.Discard, phones, 0, sample)
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range sizes {
		b.Run(fmt.Sprintf("GB=%v", size), func(b *testing.B) {
			seconds := int(size * 1e9 * sample / float64(inSample))
			var pipes []*os.File
			var paths []string
			for i := range logs {
				in, out, err := os.Pipe()
				if err != nil {
					b.Fatal(err)
				}
				defer in.Close()
				pipes, paths = append(pipes, in), append(paths, fmt.Sprintf("/dev/fd/%d", 3+i))
				go func() {
					defer out.Close()
					phonesLog(out, phones, i*seconds/logs, (i+1)*seconds/logs) // if it is cut short, phones are missing
				}()
			}
			if resident := learn(b, phones, int64(size*1e9), pipes, paths...); resident > most {
				b.Errorf("it took %.0f MB, want at most %d", resident/1e6, most/1000/1000)
			}
		})
	}
}

// learn measures provsim learn, which has to find all phones, and returns its memory. It
// reads pipes as /dev/fd/3 and so on.
func learn(b *testing.B, phones int, size int64, pipes []*os.File, paths ...string) float64 {
	cmd := exec.CommandContext(b.Context(), provsim(b), append([]string{"learn", "--json"}, paths...)...)
	cmd.ExtraFiles = pipes
	var found struct{ Phones int }
	resident := perByte(b, size, cmd)
	if err := json.Unmarshal(cmd.Stdout.(*bytes.Buffer).Bytes(), &found); err != nil || found.Phones != phones {
		b.Fatalf("%v, %d phones are found, want %d", err, found.Phones, phones)
	}
	return resident
}

// perByte reports how fast a program reads bytes of a log, what its processor time is, and
// its memory, which it returns.
func perByte(b *testing.B, size int64, cmd *exec.Cmd) (resident float64) {
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%v: %.300s", err, said.Bytes())
	}
	resident = float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) * 1024
	report(b, figure{float64(size) / time.Since(start).Seconds(), "B/s"}, figure{cpu(cmd.ProcessState) / float64(size) * 1e9, "cpu-sec/GB"}, figure{resident, "resident-B"})
	return resident
}

// phonesLog writes the part of a combined log with $request_time between two seconds, and
// returns how many bytes it has. Phones of four vendors ask for all their files every
// hour; those of the same second ask in turns, so that their lines are mixed.
func phonesLog(to io.Writer, phones, from, until int) (wrote int64, err error) {
	const period = 3600
	var kinds []*device.Personality
	for _, name := range []string{"yealink", "snom", "grandstream", "polycom"} {
		p, err := vendors.Lookup(name)
		if err != nil {
			return 0, err
		}
		kinds = append(kinds, p)
	}
	random := rand.New(rand.NewPCG(1, 1))
	begin := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	out := bufio.NewWriterSize(to, 1<<20)
	var line []byte
	for second := from; second < until; second++ {
		stamp := begin.Add(time.Duration(second) * time.Second).Format("02/Jan/2006:15:04:05 -0700")
		for turn, more := 0, true; more; turn++ {
			more = false
			for i := second % period; i < phones; i += period {
				p := kinds[i%len(kinds)]
				file := configOf(p, turn)
				if file == nil {
					continue
				}
				more = true
				id := p.Shipped
				id.MAC = device.MAC{p.OUIs[0][0], p.OUIs[0][1], p.OUIs[0][2], byte(i >> 16), byte(i >> 8), byte(i)}
				status := 200
				if file.Missing {
					status = 404
				}
				line = fmt.Appendf(line[:0], "10.%d.%d.%d - - [%s] \"GET /p/%s HTTP/1.1\" %d %d \"-\" \"%s\" 0.%03d\n",
					i>>16, i>>8&255, i&255, stamp, p.TreeName(file, id), status, random.IntN(20000), p.Agent(id), random.IntN(20))
				if _, err := out.Write(line); err != nil {
					return wrote, err
				}
				wrote += int64(len(line))
			}
		}
	}
	return wrote, out.Flush()
}

// configOf returns the file that a vendor's phones ask for in their turn; nil: they have
// all of them.
func configOf(p *device.Personality, turn int) *device.TreeFile {
	for i := range p.Tree.Files {
		if f := &p.Tree.Files[i]; f.Name != "" && f.Class == device.ConfigClass {
			if turn--; turn < 0 {
				return f
			}
		}
	}
	return nil
}
