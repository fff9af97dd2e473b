// Package dist holds what makes a release: see the script build.
package dist

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestRelease makes the release for this machine, and installs, runs and removes its
// package in a root of its own.
func TestRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: it builds a release")
	}
	if runtime.GOOS != "linux" {
		t.Skip("skipped: packages are made for Linux")
	}
	out := t.TempDir()
	build := exec.Command("./build", "linux/"+runtime.GOARCH)
	build.Env = append(os.Environ(), "OUT="+out, "VERSION=v1.2.3")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	t.Run("checksums", func(t *testing.T) {
		do(t, out, "sha256sum", "--check", "--strict", "SHA256SUMS")
	})
	t.Run("bill of materials", func(t *testing.T) {
		text, err := os.ReadFile(filepath.Join(out, "provsim-v1.2.3-linux-"+runtime.GOARCH+".sbom.json"))
		if err != nil || !bytes.Contains(text, []byte("pkg:golang/github.com/spf13/pflag@")) {
			t.Errorf("%v; it names no pflag", err)
		}
	})
	t.Run("deb", func(t *testing.T) { installed(t, out) })
	t.Run("rpm", func(t *testing.T) {
		want(t, "rpm")
		list := do(t, out, "rpm", "--query", "--package", "--list", only(t, out, "*.rpm"))
		for _, name := range []string{"/usr/bin/provsim", "/usr/share/man/man1/provsim-fleet.1.gz", "/usr/lib/systemd/system/provsim.service"} {
			if !strings.Contains(list, name+"\n") {
				t.Errorf("found no %s in\n%s", name, list)
			}
		}
	})
	t.Run("image", func(t *testing.T) { image(t, out) })
}

// installed installs the Debian package below a root, runs the program and reads its
// manual, and removes all of it.
func installed(t *testing.T, out string) {
	want(t, "dpkg")
	root := t.TempDir()
	admin := filepath.Join(root, "var", "lib", "dpkg")
	for _, dir := range []string{"info", "updates", "triggers"} {
		if err := os.MkdirAll(filepath.Join(admin, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(admin, "status"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	dpkg := func(args ...string) {
		do(t, out, "dpkg", append([]string{"--root=" + root, "--force-not-root", "--force-bad-path", "--log=/dev/null"}, args...)...)
	}
	dpkg("--install", only(t, out, "*.deb"))
	program := filepath.Join(root, "usr", "bin", "provsim")
	if text := do(t, out, program, "version"); !strings.HasPrefix(text, "provsim v1.2.3 ") {
		t.Errorf("version: %q", text)
	}
	if text := do(t, out, program, "expand", "--mac", "0021f2011b19", "$MA"); text != "0021f2011b19\n" {
		t.Errorf("expand: %q", text)
	}
	do(t, out, "bash", "-n", filepath.Join(root, "usr", "share", "bash-completion", "completions", "provsim"))
	if _, err := exec.LookPath("man"); err == nil {
		page := do(t, out, "man", "--warnings", "-l", filepath.Join(root, "usr", "share", "man", "man1", "provsim-fleet.1.gz"))
		if !strings.Contains(page, "--devices") || strings.Contains(page, "warning:") {
			t.Errorf("the manual's page of fleet:\n%s", page)
		}
	}
	dpkg("--purge", "provsim")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(path, admin) {
			t.Errorf("left after the removal: %s", strings.TrimPrefix(path, root))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// image builds the container's image, without a daemon, and looks who runs in it.
func image(t *testing.T, out string) {
	want(t, "buildah")
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "bin", "dist", "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	name := "provsim-linux-" + runtime.GOARCH
	do(t, dir, "cp", filepath.Join(out, name), filepath.Join("bin", "dist", name))
	for _, file := range []string{"Containerfile", ".dockerignore"} {
		do(t, ".", "cp", filepath.Join("..", file), dir)
	}
	store := []string{"--storage-driver=vfs", "--root=" + t.TempDir(), "--runroot=" + t.TempDir()}
	buildah := func(args ...string) string { return do(t, dir, "buildah", slices.Concat(store, args)...) }
	buildah("build", "--isolation=chroot", "--build-arg=TARGETARCH="+runtime.GOARCH, "--tag=provsim", ".")
	if user := buildah("inspect", "--type=image", "--format={{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}}", "provsim"); strings.TrimSpace(user) != "10001:10001 [/provsim]" {
		t.Errorf("user and entry point %q", user)
	}
	container := strings.TrimSpace(buildah("from", "provsim"))
	if os.Geteuid() != 0 {
		t.Skip("skipped: to run in a folder as its root takes root")
	}
	run := func(args ...string) string {
		return buildah(append([]string{"run", "--isolation=chroot", container, "--", "/provsim"}, args...)...)
	}
	if text := run("version"); !strings.HasPrefix(text, "provsim v1.2.3 ") {
		t.Errorf("version: %q", text)
	}
	if text := run("demo", "--story", "gateway"); !strings.Contains(text, "\nThe end: ") {
		t.Errorf("the story needs files, and ends as\n%s", text)
	}
}

func want(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skip("skipped: there is no " + program)
	}
}

func only(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("found %q, want one %s", found, pattern)
	}
	return found[0]
}

// do runs a program in a directory and returns what it prints.
func do(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	c := exec.Command(program, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "LC_ALL=C", "MANWIDTH=100")
	text, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, text)
	}
	return string(text)
}
