// Package floors holds the house's architecture as a test: a room imports only
// rooms below its floor, and pure rooms have neither clock nor I/O. The reasons
// are in doc/architecture.md.
package floors

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "provsim"

// floor is where each room stands. A room that is missing here fails the test.
var floor = map[string]int{
	"cmd/provsim":             9,
	"bench":                   9,
	"conform/format":          8,
	"conform/internal/proof":  8,
	"conform":                 7,
	"internal/report":         6,
	"internal/metrics":        6,
	"internal/web/phone":      7,
	"internal/web/fleet":      7,
	"internal/web/site":       6,
	"conform/internal/tftp":   6,
	"conform/internal/http":   6,
	"conform/internal/https":  6,
	"conform/internal/files":  6,
	"conform/internal/dhcp":   6,
	"conform/internal/load":   6,
	"conform/internal/tftpd":  5,
	"conform/internal/webd":   5,
	"conform/internal/site":   5,
	"conform/check":           4,
	"fleet":                   5,
	"internal/lab":            4,
	"internal/run":            4,
	"internal/sip":            4,
	"internal/syslog":         4,
	"internal/tally":          4,
	"internal/source":         4,
	"internal/mint":           4,
	"internal/limits":         4,
	"device/flyingvoice":      3,
	"internal/dhcp":           3,
	"internal/dhcp/server":    3,
	"internal/fetch/model":    3,
	"internal/fetch/shortage": 0,
	"internal/fetch/tftp":     3,
	"internal/fetch/web":      3,
	"internal/journal":        3,
	"internal/store":          3,
	"internal/checkpoint":     3,
	"device":                  2,
	"profile":                 1,
	"encrypt":                 0,
	"macro":                   0,
	"resync":                  0,
	"internal/nearest":        0,
	"internal/peer":           0,
	"internal/web/openapi":    0,
	"internal/sched":          0,
}

// pure rooms decide and do nothing else.
var pure = []string{"macro", "profile", "encrypt", "resync", "device", "device/flyingvoice", "internal/nearest"}

// forbidden says why a pure room may not import a package.
var forbidden = map[string]string{
	"context":      "a pure function cannot be cancelled",
	"log":          "the runner journals, nobody else",
	"math/rand":    "randomness is part of the input",
	"math/rand/v2": "randomness is part of the input",
	"crypto/rand":  "randomness is part of the input",
	"net":          "it would reach for the network",
	"net/http":     "it would reach for the network",
	"os":           "it would reach for files and the environment",
	"os/exec":      "it would reach for other programs",
	"sync":         "one goroutine owns a device",
	"sync/atomic":  "one goroutine owns a device",
	"syscall":      "it would reach for the system",
}

// only says who alone may import a package.
var only = map[string]struct{ rooms, reason string }{
	"github.com/spf13/pflag": {"cmd/provsim", "flags are the command's business"},
	"golang.org/x/term":      {"cmd/provsim", "terminals are the command's business"},
}

func TestRoomsImportDownwards(t *testing.T) {
	for room, files := range rooms(t) {
		own, ok := floor[room]
		if !ok {
			t.Errorf("%s has no floor: add it to the table and to doc/architecture.md", room)
			continue
		}
		for _, file := range files {
			for _, imported := range imports(t, file) {
				checkImport(t, room, own, imported)
			}
		}
	}
}

func checkImport(t *testing.T, room string, own int, imported string) {
	if rule, ok := only[imported]; ok && room != rule.rooms {
		t.Errorf("%s imports %s, which only %s may: %s", room, imported, rule.rooms, rule.reason)
	}
	if reason, ok := forbidden[imported]; ok && slices.Contains(pure, room) {
		t.Errorf("%s is pure and imports %s: %s", room, imported, reason)
	}
	below, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return
	}
	if floor[below] >= own {
		t.Errorf("%s on floor %d imports %s on floor %d: imports go down", room, own, below, floor[below])
	}
	if strings.HasPrefix(room, "device/") && strings.HasPrefix(below, "device/") {
		t.Errorf("%s imports %s: vendors do not know each other", room, below)
	}
}

func TestPureRoomsHaveNoClock(t *testing.T) {
	all := rooms(t)
	for _, room := range pure {
		if len(all[room]) == 0 {
			t.Errorf("%s is listed as pure and has no files", room)
		}
		for _, file := range all[room] {
			parsed := parse(t, file, parser.SkipObjectResolution)
			ast.Inspect(parsed, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.SelectorExpr:
					x, ok := n.X.(*ast.Ident)
					if ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}, n.Sel.Name) {
						t.Errorf("%s uses time.%s: time is part of the input", file, n.Sel.Name)
					}
				case *ast.GoStmt:
					t.Errorf("%s starts a goroutine: a pure room has none", file)
				}
				return true
			})
		}
	}
}

func TestNothingRegistersItself(t *testing.T) {
	for _, files := range rooms(t) {
		for _, file := range files {
			for _, d := range parse(t, file, parser.SkipObjectResolution).Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s has an init function: tables list what there is", file)
				}
			}
		}
	}
}

// rooms returns the source files of each package by its folder, tests left out.
func rooms(t *testing.T) map[string][]string {
	found := map[string][]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go"):
			rel, err := filepath.Rel(root, file)
			if err != nil {
				return err
			}
			room := path.Dir(filepath.ToSlash(rel))
			found[room] = append(found[room], file)
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("no source files: %v", err)
	}
	return found
}

func imports(t *testing.T, file string) []string {
	var paths []string
	for _, spec := range parse(t, file, parser.ImportsOnly).Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return paths
}

func parse(t *testing.T, file string, mode parser.Mode) *ast.File {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, mode)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
