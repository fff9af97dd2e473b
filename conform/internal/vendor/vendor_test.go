package vendor_test

import (
	"context"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
	"provsim/conform/internal/vendor"
	"provsim/device"
	"provsim/device/vendors"
	"provsim/profile"
)

// server is a good web server for one phone of a vendor, until it is broken.
type server struct {
	by     *device.Personality
	id     device.Identity
	files  map[string][]byte // by their path
	target check.Target
	before func(http.Handler) http.Handler // stands before the files; nil: nothing
}

// good makes a server from what the vendor's tree says that a good one has.
func good(t testing.TB, name string) *server {
	t.Helper()
	by, err := vendors.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{by: by, id: by.Shipped, files: map[string][]byte{}}
	copy(s.id.MAC[:], append(by.OUIs[0][:], 0xab, 0xcd, 0xef))
	for i := range by.Tree.Files {
		if f := &by.Tree.Files[i]; f.Name != "" && !f.Missing && f.Class == device.ConfigClass {
			s.files["/p/"+by.TreeName(f, s.id)] = append(s.write("7", f.Own), f.Tail...)
		}
	}
	s.target = check.Target{Vendor: name, Phones: []check.Phone{{MAC: s.id.MAC}}, Fleet: 10}
	return s
}

// write returns a file for all phones, or for the phone, by its version.
func (s *server) write(version string, own bool) []byte {
	var settings []device.Setting
	if own {
		settings = s.by.Own(s.by.Tree.Sample, s.by.Vars(s.id, device.Lease{}))
	}
	return s.by.Tree.Write(version, profile.Config{}, settings)
}

// start starts the server. What it had before the latest change are the files of the
// version before.
func (s *server) start(t testing.TB) check.Target {
	t.Helper()
	files := webd.Files(s.files)
	if s.before != nil {
		files = s.before(files)
	}
	s.target.Server = "http://" + webd.Start(t, files, nil) + "/p/"
	return s.target
}

// on returns the setup of a mutant: a good server of a vendor, and how it is broken.
func on(name string, broken func(t testing.TB, s *server)) func(testing.TB) check.Target {
	return func(t testing.TB) check.Target {
		s := good(t, name)
		broken(t, s)
		return s.start(t)
	}
}

// earlier gives the target a folder of files as they were before.
func (s *server) earlier(t testing.TB, files map[string][]byte) {
	s.target.Before = t.TempDir()
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(s.target.Before, path.Base(name)), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Each check passes on a good server and fails, alone of its group, on its mutants.
func TestProof(t *testing.T) {
	for group, mutants := range map[string]proof.Mutants{
		"yealink": yealinkMutants, "flyingvoice-fip": fipMutants, "grandstream": grandstreamMutants,
		"snom": snomMutants, "fanvil": fanvilMutants, "cisco-spa": spaMutants, "polycom": polycomMutants,
	} {
		t.Run(group, func(t *testing.T) {
			proof.Prove(t, groupOf(group), on(group, func(testing.TB, *server) {}), mutants)
		})
	}
	t.Run("phone", func(t *testing.T) {
		proof.Prove(t, groupOf("phone"), on("fanvil", func(t testing.TB, s *server) {
			s.earlier(t, s.files)
			for name := range s.files {
				s.files[name] = s.write("8", strings.Contains(name, s.id.MAC.String()))
			}
		}), phoneMutants)
	})
}

func groupOf(name string) (checks []check.Check) {
	for _, c := range vendor.Checks() {
		if path.Dir(c.ID) == name {
			checks = append(checks, c)
		}
	}
	return checks
}

// A good server of each vendor that has a tree passes all that its phones ask for; the
// checks of other vendors' phones are not there, or are skipped and say why.
func TestGoodServersOfAllVendors(t *testing.T) {
	for _, by := range vendors.All() {
		if by.Tree == nil || by.Name == "flyingvoice" {
			continue
		}
		t.Run(by.Name, func(t *testing.T) {
			t.Parallel()
			target := good(t, by.Name).start(t)
			report, err := conform.Examine(context.Background(), target, conform.Options{Level: check.Must})
			if err != nil {
				t.Fatal(err)
			}
			passed := map[string]bool{}
			for _, r := range report.Results {
				switch {
				case r.Verdict == check.Failed || r.Verdict == check.Errored:
					t.Errorf("%s: %v, expected %q, actual %q, %s", r.Check.ID, r.Verdict, r.Expected, r.Actual, r.Detail)
				case r.Verdict == check.Passed:
					passed[r.Check.ID] = true
				}
				if group := path.Dir(r.Check.ID); group != by.Name && groupOf(group) != nil && group != "phone" {
					t.Errorf("%s is asked about phones of %s", r.Check.ID, by.Name)
				}
			}
			for _, id := range []string{"http/2", "phone/1"} { // of what phones get
				if !passed[id] {
					t.Errorf("%s has not passed", id)
				}
			}
		})
	}
	other := good(t, "snom").start(t)
	report, err := conform.Examine(context.Background(), other, conform.Options{Only: []string{"yealink"}})
	if err != nil || len(report.Results) != len(groupOf("yealink")) || !strings.Contains(report.Results[0].Detail, "phones of vendor snom") {
		t.Errorf("the checks of another vendor that are asked for: %+v, %v", report, err)
	}
}
