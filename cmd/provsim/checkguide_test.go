package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"provsim/conform/check"
	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/lab"
)

// checkGuide returns doc/check.md.
func checkGuide(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "doc", "check.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blocks returns the blocks of a page that are marked with a word.
func blocks(page, mark string) (found []string) {
	for _, part := range strings.Split(page, "```"+mark+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		found = append(found, block)
	}
	return found
}

// TestCheckGuide replays the transcripts of doc/check.md in front of a lab. The
// page calls its addresses 127.0.0.1:8080 and 127.0.0.1:8443.
func TestCheckGuide(t *testing.T) {
	l, err := lab.Start(lab.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	mac, err := device.ParseMAC(anyMAC)
	if err != nil {
		t.Fatal(err)
	}
	l.Files.Put("/fv"+mac.Upper()+".conf", vendors.Default().Tree.Example(device.Identity{MAC: mac, Product: "IP542N"}, 1))
	dir, path := t.TempDir(), ownPath(t)
	if err := (&samples{lab: l, mac: mac, product: "IP542N"}).writePEM(dir); err != nil {
		t.Fatal(err)
	}
	real := strings.NewReplacer("127.0.0.1:8080", l.Addr("http").String(), "127.0.0.1:8443", l.Addr("https").String())
	steps := 0
	for _, block := range blocks(checkGuide(t), "console") {
		for _, step := range transcript([]byte(block)) {
			steps++
			replay(t, "doc/check.md", dir, path, real.Replace(step.command), step.output)
		}
	}
	if steps == 0 {
		t.Error("doc/check.md has no transcript")
	}
}

// The target file of doc/check.md is one, and has every key.
func TestCheckGuideHasEveryKey(t *testing.T) {
	found := blocks(checkGuide(t), "yaml")
	if len(found) != 1 {
		t.Fatalf("doc/check.md has %d target files, want one", len(found))
	}
	target, err := check.ParseTarget([]byte(found[0]))
	if err != nil {
		t.Fatal(err)
	}
	missing(t, "", reflect.ValueOf(*target))
}

// The examples of target files are target files.
func TestExampleTargets(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("..", "..", "examples", "targets", "*.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatalf("found %q: %v", names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err == nil {
			_, err = check.ParseTarget(text)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// missing tells the keys of a target that have no value.
func missing(t *testing.T, under string, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Field(i)
		key, flags, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case key == "" && flags == "": // no key of the file
		case field.Kind() == reflect.Slice && field.Len() > 0 && field.Index(0).Kind() == reflect.Struct && key == "phones":
			missing(t, under+key+" ", field.Index(0))
		case field.Kind() == reflect.Struct && (flags == "inline" || field.Type().PkgPath() == v.Type().PkgPath()):
			missing(t, under+key+" ", field)
		case field.IsZero():
			t.Errorf("doc/check.md does not show the key %s%s", under, key)
		}
	}
}
