package vendor_test

import (
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/format"
	"provsim/conform/internal/testing/webd"
	"provsim/device"
)

// many gives a good server the files of n phones, and a list of these. Asked are the
// requests by the last part of their paths.
func many(t *testing.T, vendor string, n int) (target check.Target, asked map[string]int) {
	s := good(t, vendor)
	asked = map[string]int{}
	var mu sync.Mutex
	s.before = func(files http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			asked[path.Base(r.URL.Path)]++
			mu.Unlock()
			files.ServeHTTP(w, r)
		})
	}
	s.target.List = "phones.csv"
	for i := range n {
		s.id.MAC[5] = byte(i)
		ph := check.Phone{MAC: s.id.MAC}
		if i < 2 {
			s.target.Phones = append(s.target.Phones[:i], ph)
		} else {
			s.target.Rest = append(s.target.Rest, ph)
		}
		for f := range s.by.Tree.Files {
			if f := &s.by.Tree.Files[f]; f.Own && !f.Missing && f.Class == device.ConfigClass {
				s.files["/p/"+s.by.TreeName(f, s.id)] = s.write("7", true)
			}
		}
	}
	return s.start(t), asked
}

// The files of each phone of a list are asked for; all else is asked as the first ones of
// each vendor. The report is one, and names the vendors.
func TestPhonesOfAList(t *testing.T) {
	const n = 60
	yealink, asked := many(t, "yealink", n)
	snom, _ := many(t, "snom", 3)
	yealink.Rest[5].Server = yealink.Server + "none/"
	yealink.Rest[6].Product, yealink.Rest[6].Server = "T48S", yealink.Server+"none/"
	o := conform.Options{Only: []string{"phone", "http", "snom"}, Patience: 10 * time.Second, Timeout: time.Minute}
	report, err := conform.ExamineEach(t.Context(), []check.Target{yealink, snom}, o)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]conform.Result{}
	for _, r := range report.Results {
		got[r.Name()] = r
	}
	bad := got["yealink phone/1"]
	if bad.Verdict != check.Failed || bad.Expected != "a configuration for each phone of the list" ||
		!strings.HasPrefix(bad.Actual, fmt.Sprintf("1 T46S not-found, 1 T48S not-found; such as %s (T46S) not-found http://", yealink.Rest[5].MAC)) {
		t.Errorf("%v, expected %q, actual %q, %s", bad.Verdict, bad.Expected, bad.Actual, bad.Detail)
	}
	if r := got["snom phone/1"]; r.Verdict != check.Passed || r.Actual != "3 phones have their configuration" {
		t.Errorf("snom: %v, %q", r.Verdict, r.Actual)
	}
	if got["snom http/2"].Verdict != check.Passed || got["yealink http/2"].Verdict != check.Passed {
		t.Error("the checks of HTTP are not asked as the phones of both vendors")
	}
	for _, ph := range yealink.Rest {
		own := ph.MAC.String() + ".cfg"
		if asked[own] != 1 {
			t.Errorf("%s was asked for %d times, want once", own, asked[own])
		}
	}
	var text strings.Builder
	if err := format.Text(&text, report); err != nil || !strings.Contains(text.String(), "yealink, phones: 60\n") || !strings.Contains(text.String(), "\nsnom: ") {
		t.Errorf("the report is\n%s", text.String())
	}
	o.Baseline = []conform.Known{{ID: "phone/1", Vendor: "snom", Expected: bad.Expected, Actual: bad.Actual}}
	o.Only = []string{"phone/1"}
	if again, err := conform.ExamineEach(t.Context(), []check.Target{yealink, snom}, o); err != nil || again.Known() != 0 {
		t.Errorf("another vendor's failure is known: %v", err)
	}
	o.Baseline[0].Vendor = "yealink"
	if again, err := conform.ExamineEach(t.Context(), []check.Target{yealink, snom}, o); err != nil || again.Known() != 1 || !again.OK() {
		t.Errorf("the failure is not known: %v", err)
	}
}

// Where none of the first phones gets an answer, the others are not asked for.
func TestASilentServerEndsAList(t *testing.T) {
	target, _ := many(t, "yealink", 60)
	address := webd.Start(t, http.NotFoundHandler(), nil)
	target.Server = "http://" + strings.Replace(address, "127.0.0.1", "127.0.0.3", 1) + "/" // refused there
	report, err := conform.Examine(t.Context(), target, conform.Options{Only: []string{"phone/1"}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	r := report.Results[0]
	asked := 0
	fmt.Sscanf(r.Detail, "%d of 60", &asked)
	if r.Verdict != check.Failed || !strings.Contains(r.Actual, "T46S refused") || asked < 16 || asked > 24 {
		t.Errorf("%v, %q, %s", r.Verdict, r.Actual, r.Detail)
	}
}
