// Package layers tests the architecture: a package imports only packages of lower
// layers, and a pure package has no clock and no I/O. doc/architecture.md gives the
// reasons.
package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "provsim"

// layers maps each package to its layer. A package that is missing fails the test.
var layers = map[string]int{
	"cmd/provsim":                         12,
	"conform/format":                      11,
	"conform/internal/testing/proof":      11,
	"conform":                             10,
	"internal/report":                     9,
	"internal/metrics":                    9,
	"internal/web/phone":                  10,
	"internal/web/fleet":                  11,
	"internal/web/role":                   10,
	"internal/web/app":                    9,
	"conform/internal/tftp":               9,
	"conform/internal/http":               9,
	"conform/internal/https":              9,
	"conform/internal/files":              9,
	"conform/internal/dhcp":               9,
	"conform/internal/load":               9,
	"conform/internal/vendor":             9,
	"conform/internal/ipoffice":           9,
	"conform/internal/testing/tftpd":      9,
	"conform/internal/testing/webd":       9,
	"conform/internal/testing/goodserver": 9,
	"conform/check":                       8,
	"fleet":                               10,
	"fleet/inventory":                     9,
	"fleet/scenario":                      8,
	"internal/lab":                        7,
	"internal/run":                        7,
	"internal/fetch/pnp":                  8,
	"internal/phoneserver":                8,
	"internal/sip":                        7,
	"internal/syslog":                     7,
	"internal/tally":                      7,
	"internal/egress":                     7,
	"internal/clientcert":                 7,
	"internal/role":                       6,
	"internal/role/activator":             7,
	"internal/role/gateway":               7,
	"internal/role/teleware":              7,
	"internal/role/ippm":                  6,
	"internal/role/devicemanager":         7,
	"internal/role/agent":                 7,
	"internal/role/ipoffice/wire":         6,
	"internal/role/ipoffice":              7,
	"internal/role/ipoffice/manager":      8,
	"internal/role/tunnel":                2,
	"internal/role/tunnel/netstack":       0,
	"internal/role/tunnel/snmp":           0,
	"internal/role/tunnel/link":           3,
	"internal/role/tunnel/server":         7,
	"internal/role/tunnel/client":         10,
	"internal/web/manager":                10,
	"internal/web/agent":                  10,
	"internal/limits":                     7,
	"device/vendors":                      7,
	"device/flyingvoice":                  6,
	"device/polycom":                      6,
	"device/ciscospa":                     6,
	"device/yealink":                      6,
	"device/grandstream":                  6,
	"device/snom":                         6,
	"device/audiocodes":                   6,
	"device/avaya":                        6,
	"device/fanvil":                       6,
	"device/flyingvoicefip":               6,
	"device/bootfile":                     5,
	"device/steps":                        4,
	"internal/testing/bench":              6,
	"internal/dhcp":                       6,
	"internal/dhcp/server":                6,
	"internal/fetch/model":                6,
	"internal/fetch/shortage":             0,
	"internal/fetch/ftp":                  6,
	"internal/fetch/tftp":                 6,
	"internal/fetch/web":                  6,
	"internal/journal":                    6,
	"internal/store":                      6,
	"internal/checkpoint":                 6,
	"device":                              3,
	"profile/rule":                        2,
	"profile/lines":                       2,
	"profile/xml":                         2,
	"profile":                             1,
	"encrypt":                             0,
	"macro":                               0,
	"resync":                              1,
	"internal/nearest":                    0,
	"internal/oneline":                    0,
	"internal/rules":                      0,
	"internal/yamlfile":                   1,
	"internal/junit":                      0,
	"internal/chart":                      0,
	"internal/testing/peer":               0,
	"internal/testing/openapi":            0,
	"internal/testing/keyform":            0,
	"internal/sched":                      2,
	"internal/enum":                       0,
	"internal/splitmix":                   0,
	"internal/heap":                       0,
	"internal/learn/logs":                 1,
	"internal/learn/who":                  8,
	"internal/learn":                      9,
	"internal/learn/result":               10,
	"internal/learn/replay":               11,
}

// sharedFirmware is what vendors have in common.
var sharedFirmware = []string{"device/steps", "device/bootfile"}

// pure lists the packages that decide and do nothing else.
var pure = []string{"macro", "profile", "profile/rule", "profile/lines", "profile/xml", "encrypt", "resync", "device", "device/flyingvoice", "device/ciscospa", "device/polycom", "device/yealink", "device/grandstream", "device/snom", "device/fanvil", "device/audiocodes", "device/avaya", "device/flyingvoicefip", "device/bootfile", "device/steps", "device/vendors", "internal/nearest", "internal/enum", "internal/oneline", "internal/role/tunnel"}

// forbidden says why a pure package may not import a package.
var forbidden = map[string]string{
	"context":      "a pure function cannot be cancelled",
	"log":          "only the runner writes a journal",
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

// vendorTable is the one package that imports the vendors.
const vendorTable = "device/vendors"

// only names the one package that may import another.
var only = map[string]struct{ importer, reason string }{
	"github.com/spf13/pflag": {"cmd/provsim", "flags are the command's business"},
	"golang.org/x/term":      {"cmd/provsim", "terminals are the command's business"},
}

func TestPackagesImportLowerLayers(t *testing.T) {
	for pkg, files := range packages(t) {
		own, ok := layers[pkg]
		if !ok {
			t.Errorf("%s has no layer: add it to the table and to doc/architecture.md", pkg)
			continue
		}
		for _, file := range files {
			for _, imported := range imports(t, file) {
				checkImport(t, pkg, own, imported)
			}
		}
	}
}

func checkImport(t *testing.T, pkg string, own int, imported string) {
	if strings.HasPrefix(imported, "gvisor.dev/") && pkg != "internal/role/tunnel/netstack" {
		t.Errorf("%s imports %s, which only the tunnel's netstack may: the rest works with packets and connections", pkg, imported)
	}
	if rule, ok := only[imported]; ok && pkg != rule.importer {
		t.Errorf("%s imports %s, which only %s may: %s", pkg, imported, rule.importer, rule.reason)
	}
	if reason, ok := forbidden[imported]; ok && slices.Contains(pure, pkg) {
		t.Errorf("%s is pure and imports %s: %s", pkg, imported, reason)
	}
	below, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return
	}
	if layers[below] >= own {
		t.Errorf("%s of layer %d imports %s of layer %d: a package imports lower layers only", pkg, own, below, layers[below])
	}
	shared := slices.Contains(sharedFirmware, below) && strings.HasPrefix(pkg, "device/")
	if below != vendorTable && strings.HasPrefix(below, "device/") && pkg != vendorTable && !shared {
		t.Errorf("%s imports %s, which only %s may: all others work with a personality", pkg, below, vendorTable)
	}
}

func TestPurePackagesHaveNoClock(t *testing.T) {
	all := packages(t)
	for _, pkg := range pure {
		if len(all[pkg]) == 0 {
			t.Errorf("%s is listed as pure and has no files", pkg)
		}
		for _, file := range all[pkg] {
			parsed := parse(t, file, parser.SkipObjectResolution)
			ast.Inspect(parsed, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.SelectorExpr:
					x, ok := n.X.(*ast.Ident)
					if ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}, n.Sel.Name) {
						t.Errorf("%s uses time.%s: time is part of the input", file, n.Sel.Name)
					}
				case *ast.GoStmt:
					t.Errorf("%s starts a goroutine: a pure package starts none", file)
				}
				return true
			})
		}
	}
}

func TestNothingRegistersItself(t *testing.T) {
	for _, files := range packages(t) {
		for _, file := range files {
			for _, d := range parse(t, file, parser.SkipObjectResolution).Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s has an init function: tables list what there is", file)
				}
			}
		}
	}
}

// packages returns the source files of each package by its folder, without tests.
func packages(t *testing.T) map[string][]string {
	found := map[string][]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || isModule(file)):
			return fs.SkipDir
		case strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go"):
			rel, err := filepath.Rel(root, file)
			if err != nil {
				return err
			}
			pkg := path.Dir(filepath.ToSlash(rel))
			found[pkg] = append(found[pkg], file)
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("no source files: %v", err)
	}
	return found
}

// isModule reports whether a folder is a module of its own, which nothing here
// can import.
func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
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
