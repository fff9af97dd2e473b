package conform_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/webd"
	"provsim/device"
)

// provisioning stands for the server of a project that uses the package.
func provisioning() http.Handler {
	mac := device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}
	return webd.Files(map[string][]byte{goodserver.Path(mac): []byte("DBID_DBASE_VERSION=1\n")})
}

// This is the test that doc/check.md shows.

func TestPhonesCanLiveWithIt(t *testing.T) {
	server := httptest.NewServer(provisioning())
	defer server.Close()
	conform.Run(t, check.Target{
		ProfileRule: server.URL + "/fv$(MAU).conf",
		Phones:      []check.Phone{{MAC: device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}}},
	}, conform.Options{Only: []string{"http"}, Level: check.Must})
}

func TestGuideShowsThatTest(t *testing.T) {
	guide, err := os.ReadFile("../doc/check.md")
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile("run_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(guide), "```go\n")
	shown, _, found := strings.Cut(rest, "```")
	if !found || !strings.Contains(string(own), "\n"+shown) {
		t.Errorf("doc/check.md shows a test that is not here:\n%s", shown)
	}
}
