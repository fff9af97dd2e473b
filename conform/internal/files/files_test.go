package files_test

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"provsim/conform/check"
	"provsim/conform/internal/files"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
	"provsim/device"
	"provsim/encrypt"
)

func TestProof(t *testing.T) {
	proof.Prove(t, files.Checks(), good,
		servedMutants, lineMutants, versionMutants, previousMutants, ruleMutants, resyncMutants, firmwareMutants,
		secretMutants, passwordMutants, accountMutants)
}

// key is one that no check guesses.
const key = "a5b0d1f2 of nobody"

// A setup is a good site, served over HTTP, with encrypted files and those of
// before.
type setup struct {
	*goodserver.Setup
	t      testing.TB
	Server string            // its URL, without a path
	Key    string            // of the files; "" leaves them plain
	Before map[string][]byte // by path
	// Serve goes between the phones and the files, if it is set.
	Serve func(http.Handler) http.Handler
	// Target changes what is said about the setup, if it is set.
	Target func(*check.Target)
}

func good(t testing.TB) check.Target { return start(t, func(*setup) {}) }

// mutant is a good setup that is changed before it starts.
func mutant(change func(*setup)) func(testing.TB) check.Target {
	return func(t testing.TB) check.Target { return start(t, change) }
}

// edited is a good setup with another text for the second phone.
func edited(old, text string) func(testing.TB) check.Target {
	return mutant(func(s *setup) { s.edit(1, old, text) })
}

// added is a good setup with further lines for the second phone.
func added(lines string) func(testing.TB) check.Target {
	return mutant(func(s *setup) { s.add(1, lines) })
}

func start(t testing.TB, change func(*setup)) check.Target {
	t.Helper()
	var handler atomic.Pointer[http.Handler] // the files may say where the server is, so it starts first
	server := "http://" + webd.Start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*handler.Load()).ServeHTTP(w, r)
	}), nil)
	s := &setup{Setup: goodserver.New(t), t: t, Server: server, Key: key, Before: map[string][]byte{}}
	for i := range s.Phones {
		s.Before[s.path(i)] = bytes.Replace(s.Files[s.path(i)], []byte("VERSION=1"), []byte("VERSION=0"), 1)
		s.edit(i, "DIS_NAME=Desk", "DIS_NAME=Hall")
	}
	change(s)
	for i := range s.Phones {
		if plain, ok := s.Files[s.path(i)]; ok {
			s.Files[s.path(i)] = s.seal(plain)
		}
	}
	serve := webd.Files(s.Files)
	if s.Serve != nil {
		serve = s.Serve(serve)
	}
	handler.Store(&serve)
	return s.target()
}

func (s *setup) target() check.Target {
	target := s.Setup.Target()
	target.ProfileRule, target.UpgradeRule, target.Before = s.Server+goodserver.Rule, s.Server+goodserver.Firmware, s.folder()
	if s.Key != "" {
		target.ProfileRule = "[--key '" + key + "']" + target.ProfileRule
	}
	if s.Target != nil {
		s.Target(&target)
	}
	return target
}

func (s *setup) path(phone int) string { return goodserver.Path(s.Phones[phone].MAC) }

// edit changes a part of a phone's file, which is there once.
func (s *setup) edit(phone int, old, text string) {
	body := s.Files[s.path(phone)]
	if bytes.Count(body, []byte(old)) != 1 {
		s.t.Fatalf("the file has not exactly one %q", old)
	}
	s.Files[s.path(phone)] = bytes.Replace(body, []byte(old), []byte(text), 1)
}

// add puts lines at the end of a phone's file.
func (s *setup) add(phone int, lines string) {
	s.Files[s.path(phone)] = append(bytes.Clone(s.Files[s.path(phone)]), lines...)
}

// folder writes the files of before into one.
func (s *setup) folder() string {
	s.t.Helper()
	dir := s.t.TempDir()
	for path, body := range s.Before {
		if err := os.WriteFile(filepath.Join(dir, path), body, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	return dir
}

// seal encrypts a file with the setup's key, if it has one.
func (s *setup) seal(plain []byte) []byte {
	if s.Key == "" {
		return plain
	}
	cipher, err := encrypt.Lookup(encrypt.Default)
	if err != nil {
		s.t.Fatal(err)
	}
	var entropy encrypt.Entropy
	rand.Read(entropy[:])
	sealed, err := cipher.Encrypt(nil, plain, s.Key, entropy)
	if err != nil {
		s.t.Fatal(err)
	}
	return sealed
}

// open makes a setup of plain files that anybody may read.
func (s *setup) open(change func(*check.Target)) {
	s.Key = ""
	s.Target = func(t *check.Target) {
		t.Policy.Access = check.Open
		change(t)
	}
}

// byOption66 makes a setup whose phones are led by option 66.
func (s *setup) byOption66() {
	s.open(func(t *check.Target) { t.ProfileRule, t.Option66, t.ConfigFileName = "", s.Server, goodserver.Rule[1:] })
}

// lead gives the second phone a Profile Rule for the server.
func (s *setup) lead(options, path string) {
	s.add(1, "DBID_PROFILE_RULE="+options+s.Server+path+"\n")
}

// lower returns the path of a phone's file with its address in lower case.
func lower(mac device.MAC) string { return "/fv" + mac.String() + ".conf" }
