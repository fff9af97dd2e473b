package result

import (
	"provsim/internal/learn"
	"provsim/internal/learn/logs"
)

// Logs says what was read of each file.
func Logs(files []logs.File) []learn.Log {
	list := []learn.Log{}
	for _, f := range files {
		l := learn.Log{Name: f.Name, Format: f.Format, Lines: f.Lines, Entries: f.Entries, Back: f.Back, Dropped: map[string]int{}}
		for _, reason := range logs.Reasons() {
			if n := f.Dropped[reason]; n > 0 {
				l.Dropped[reason.String()] = int(n)
			}
		}
		switch {
		case f.Same != "":
			l.Note = "begins as " + f.Same + " does, and is left out"
		case f.Broken != "":
			l.Note = "its end cannot be read: " + f.Broken
		case f.Format == "":
			l.Note = "is empty"
		}
		list = append(list, l)
	}
	return list
}
