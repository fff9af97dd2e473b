package metrics

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// names are those of provsim's own metrics, as they are registered.
func names(t *testing.T) (all []string) {
	t.Helper()
	descriptions := make(chan *prometheus.Desc, 1000)
	ofTwo().registry.Describe(descriptions)
	close(descriptions)
	for d := range descriptions {
		_, name, _ := strings.Cut(d.String(), `fqName: "`)
		if name, _, _ = strings.Cut(name, `"`); strings.HasPrefix(name, "provsim_") {
			all = append(all, name)
		}
	}
	if len(all) < 10 {
		t.Fatalf("found the metrics %q, want more", all)
	}
	return all
}

// TestPageNamesEveryMetric holds that doc/outputs.md explains the metrics.
func TestPageNamesEveryMetric(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "doc", "outputs.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names(t) {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("doc/outputs.md does not explain %s", name)
		}
	}
}

var monitoring = filepath.Join("..", "..", "examples", "monitoring")

// TestExamplesAskForMetricsThatExist holds the queries of the alerts and of the
// dashboard against the metrics.
func TestExamplesAskForMetricsThatExist(t *testing.T) {
	known := names(t)
	for _, file := range []string{"alerts.yml", "grafana.json"} {
		text, err := os.ReadFile(filepath.Join(monitoring, file))
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`provsim_[a-z_]+`).FindAllString(string(text), -1)
		if len(found) == 0 {
			t.Errorf("%s asks for no metric", file)
		}
		for _, name := range found {
			if !slices.Contains(known, strings.TrimSuffix(name, "_bucket")) {
				t.Errorf("%s asks for %s, which there is not", file, name)
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(monitoring, "grafana.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal(text, &dashboard); err != nil || len(dashboard.Panels) == 0 {
		t.Errorf("grafana.json: %d panels, %v", len(dashboard.Panels), err)
	}
}

func TestPrometheusTakesTheExamples(t *testing.T) {
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Skip("skipped: there is no promtool, which Debian has in its package prometheus")
	}
	cmd := exec.Command("promtool", "check", "config", "prometheus.yml")
	cmd.Dir = monitoring
	text, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(text), "4 rules found") {
		t.Errorf("%v\n%s", err, text)
	}
}
