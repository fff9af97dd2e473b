package format

import (
	_ "embed"
	"html/template"
	"io"
	"sync"

	"provsim/conform"
	"provsim/conform/check"
)

//go:embed page.html
var pageText string

var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"word": word,
		"advice": func(r *conform.Report, result *conform.Result) (all []htmlAdvice) {
			for _, server := range result.Check.Advice.Servers(r.Servers) {
				all = append(all, htmlAdvice{server, result.Check.Advice[server]})
			}
			return all
		},
	}).Parse(pageText))
})

// htmlAdvice is what to do on a server.
type htmlAdvice struct {
	Server check.Server
	check.Advice
}

// HTML writes one page that needs nothing from elsewhere, and no script: what has
// failed with what to do about it, and then a table of all checks.
func HTML(w io.Writer, r *conform.Report) error {
	var bad []*conform.Result
	all := make([]*conform.Result, len(r.Results))
	for i := range r.Results {
		all[i] = &r.Results[i]
		if v := all[i].Verdict; v == check.Errored || v == check.Failed && !all[i].Known {
			bad = append(bad, all[i])
		}
	}
	return page().Execute(w, map[string]any{"Report": r, "Summary": capital(summary(r)), "Bad": bad, "All": all})
}
