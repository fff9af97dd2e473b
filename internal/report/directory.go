package report

import (
	"io"

	"provsim/internal/tally"
)

// The files of a directory of results.
const (
	summaryFile    = "summary.json"
	histogramsFile = "histograms.hlog"
	curvesFile     = "curves.csv"
	sitesFile      = "sites.json"
	pageFile       = "report.html"
	junitFile      = "junit.xml"
)

// JournalFile is where the whole journal of a run lies, if it was asked for.
const JournalFile = "events.ndjson"

// onDisk is the content of summary.json.
type onDisk struct {
	*tally.Summary
	Files map[string]string `json:"files"` // digests of the data files, by name
}

// Write writes all files of a directory of results, which it makes if it is missing.
// Files of earlier results are replaced together, after all new ones have been
// written: on an error the earlier ones are still there.
func (r *Results) Write(dir string) error {
	t := r.Summary.Counts
	s := newStaging(dir)
	s.put(histogramsFile, r.writeHistograms)
	s.put(curvesFile, t.WriteCurves)
	if t.Sites() > 0 {
		s.put(sitesFile, t.WriteSites)
	}
	data := make(map[string]string, len(s.digests))
	for name, digest := range s.digests {
		data[name] = digest
	}
	s.put(junitFile, r.JUnit)
	s.put(pageFile, r.HTML)
	for _, f := range r.figures() {
		s.put(f.ID+".svg", f.SVG)
		s.put(f.ID+".png", f.PNG)
	}
	s.put(summaryFile, func(w io.Writer) error { return encode(w, onDisk{r.Summary, data}) })
	return s.finish()
}
