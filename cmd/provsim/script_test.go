package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"provsim/device"
	"provsim/internal/lab"
	"provsim/internal/testing/keyform"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"provsim": main})
}

// TestScripts runs testdata/script: what users type, and what they get. A
// script finds a lab's addresses in $TFTP, $HTTP and $HTTPS, its PEM files in
// $PEM, and puts files there by the command 'serve NAME FILE'.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUpLab,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"results": writeResults,
			// try runs a program whose exit code depends on the machine.
			"try": func(ts *testscript.TestScript, _ bool, args []string) {
				if err := ts.Exec(args[0], args[1:]...); err != nil {
					ts.Logf("%v", err)
				}
			},
			"serve": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Value("lab").(*lab.Lab).Files.Put(args[0], []byte(ts.ReadFile(args[1])))
			},
		},
	})
}

func setUpLab(e *testscript.Env) error {
	l, err := lab.Start(lab.Config{})
	if err != nil {
		return err
	}
	e.Defer(func() { l.Close() })
	e.Values["lab"] = l
	e.Setenv("GORACE", os.Getenv("GORACE"))
	pem := filepath.Join(e.WorkDir, "pem")
	mac, err := device.ParseMAC(anyMAC)
	if err != nil {
		return err
	}
	for _, scheme := range []string{"tftp", "http", "https"} {
		e.Setenv(strings.ToUpper(scheme), l.Addr(scheme).String())
	}
	e.Setenv("PEM", pem)
	if err := (&samples{lab: l, mac: mac, product: "IP542N"}).writePEM(pem); err != nil {
		return err
	}
	plain, err := os.ReadFile(filepath.Join(pem, keyFile))
	if err != nil {
		return err
	}
	locked, err := keyform.Encrypt(plain, keyform.EncryptedPKCS8, "other")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(pem, "locked.pem"), locked, 0o600)
}

// TestTranscripts replays the transcripts of README.md and of doc/tools.md, which
// are in blocks marked console. Times and ports differ from run to run, so they are
// not compared, nor are runs of blanks; a line "..." stands for any lines.
func TestTranscripts(t *testing.T) {
	for _, page := range []string{"README.md", "doc/tools.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("..", "..", page))
			if err != nil {
				t.Fatal(err)
			}
			blocks := regexp.MustCompile("(?s)```console\n(.*?)```").FindAllSubmatch(text, -1)
			if len(blocks) == 0 {
				t.Fatal("the page has no transcript")
			}
			path, dir := ownPath(t), t.TempDir() // one for all, so that a later transcript finds an earlier one's files
			for _, b := range blocks {
				for _, step := range transcript(b[1]) {
					t.Run(step.command, func(t *testing.T) {
						if strings.HasPrefix(step.command, "openssl ") {
							if _, err := exec.LookPath("openssl"); err != nil {
								t.Skip("no openssl here, which Debian has in its package openssl")
							}
						}
						replay(t, page, dir, path, step.command, step.output)
					})
				}
			}
		})
	}
}

// ownPath returns a PATH on which provsim is this test.
func ownPath(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "provsim")); err != nil {
		t.Fatal(err)
	}
	return bin + ":" + os.Getenv("PATH")
}

// replay runs a command of a page's transcript, and holds its output against
// the page's.
func replay(t *testing.T, page, dir, path, command string, want []string) {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+path)
	out, _ := cmd.CombinedOutput() // how it ends is not on the page
	if missing, ok := contains(string(out), want); !ok {
		t.Errorf("$ %s\n%s says %q, which is not in its place in the output:\n%s", command, page, missing, out)
	}
}

type step struct {
	command string
	output  []string
}

func transcript(block []byte) (steps []step) {
	for lines := bufio.NewScanner(bytes.NewReader(block)); lines.Scan(); {
		line := lines.Text()
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			steps = append(steps, step{command: command})
		} else if len(steps) > 0 {
			last := &steps[len(steps)-1]
			last.output = append(last.output, line)
		}
	}
	return steps
}

// varying are numbers with a point or a unit of time, and ports.
var varying = regexp.MustCompile(`[0-9]+\.[0-9.]+[µmn]?s?|[0-9]+[µmn]?s\b|:[0-9]{4,5}\b`)

func normal(line string) string {
	return strings.Join(strings.Fields(varying.ReplaceAllString(line, "N")), " ")
}

// contains reports whether the output consists of the lines of want, in which
// "..." stands for any lines. Otherwise it returns the first that is missing.
func contains(output string, want []string) (missing string, ok bool) {
	var rest []string
	if output != "" {
		rest = strings.Split(strings.TrimSuffix(output, "\n"), "\n")
	}
	any := false
	for _, line := range want {
		if line == "..." {
			any = true
			continue
		}
		same := func(got string) bool { return normal(got) == normal(line) }
		for any && len(rest) > 0 && !same(rest[0]) {
			rest = rest[1:]
		}
		if len(rest) == 0 || !same(rest[0]) {
			return line, false
		}
		rest, any = rest[1:], false
	}
	return strings.Join(rest, "\n"), any || len(rest) == 0
}
