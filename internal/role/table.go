package role

import (
	"strconv"
	"time"
)

// Table is a part of a system's page: what it holds or did.
type Table struct {
	Title   string
	Columns []string
	Rows    [][]string
	Empty   string // what to say where there is no row
	Note    string // below the table
}

// Table returns the latest records, the newest first, and how often each event was
// logged.
func (l *Log) Table() Table {
	t := Table{Title: "Log", Columns: []string{"Time", "Phone", "Event", "Outcome", "Note"}, Empty: "Nothing has happened yet."}
	if counts := l.Summary(); counts != "" {
		t.Note = "Since the start: " + counts + "."
	}
	for _, r := range l.Recent() {
		mac := ""
		if r.Device != ([6]byte{}) {
			mac = r.Device.Colons()
		}
		outcome := r.Outcome
		if r.Status != 0 {
			outcome = strconv.Itoa(r.Status)
		}
		t.Rows = append(t.Rows, []string{r.Wall.UTC().Format(time.DateTime), mac, r.Event, outcome, r.Note})
	}
	return t
}
