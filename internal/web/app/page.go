package app

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"strings"
)

//go:embed assets/*
var own embed.FS

// A Page is an answer in the app's layout.
type Page struct {
	Name   string // of the template, without .html
	Title  string // the one heading of the first order
	Status int    // of HTTP; 0 is 200
	Live   string // the path of the page's stream; empty: it has none
	Notice *Notice
	Data   any // for the template's main
}

// view is what the layout gets.
type view struct {
	Page
	App   string
	Nav   []Link
	Path  string
	Token string // empty before the login
	Must  bool   // only the password page is open
}

// parsePages reads the app's own templates and those of the config. A page is a
// file NAME.html that defines main; what it defines beside that can be shown alone
// by Fragment. Files that begin with an underscore are parts of all pages.
func parsePages(more fs.FS, funcs template.FuncMap) (map[string]*template.Template, error) {
	layout, err := template.New("layout").Funcs(funcs).ParseFS(own, "assets/_*.html")
	if err != nil {
		return nil, err
	}
	if parts, _ := fs.Glob(orEmpty(more), "_*.html"); len(parts) > 0 { // the pattern is sound
		if layout, err = layout.ParseFS(more, parts...); err != nil {
			return nil, err
		}
	}
	pages := map[string]*template.Template{}
	ours, _ := fs.Sub(own, "assets")
	for _, from := range []fs.FS{ours, orEmpty(more)} {
		found, err := parseEach(layout, from)
		if err != nil {
			return nil, err
		}
		maps.Copy(pages, found)
	}
	return pages, nil
}

func parseEach(layout *template.Template, from fs.FS) (map[string]*template.Template, error) {
	pages := map[string]*template.Template{}
	files, err := fs.Glob(from, "[a-z]*.html")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		page, err := layout.Clone()
		if err != nil {
			return nil, err
		}
		if page, err = page.ParseFS(from, file); err != nil {
			return nil, err
		}
		pages[strings.TrimSuffix(file, ".html")] = page
	}
	return pages, nil
}

func orEmpty(f fs.FS) fs.FS {
	if f == nil {
		return embed.FS{}
	}
	return f
}

// Render answers with a page. It writes nothing where a template goes wrong.
func (a *App) Render(w http.ResponseWriter, r *http.Request, p Page) error {
	session := Of(r)
	v := view{Page: p, App: a.config.Name, Path: r.URL.Path}
	if session != nil {
		v.Token, v.Must = session.csrf, a.mustChange()
	}
	if session != nil && !v.Must {
		v.Nav = a.config.Nav
	}
	if v.Notice == nil {
		v.Notice = session.told()
	}
	body, err := a.execute(p.Name, "_layout.html", v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if p.Status != 0 {
		w.WriteHeader(p.Status)
	}
	w.Write(body)
	return nil
}

// Fragment returns a part of a page, for a [Stream].
func (a *App) Fragment(page, part string, data any) (string, error) {
	body, err := a.execute(page, part, data)
	return string(body), err
}

func (a *App) execute(page, part string, data any) ([]byte, error) {
	t, ok := a.pages[page]
	if !ok {
		return nil, fmt.Errorf("page %q has no template", page)
	}
	var body bytes.Buffer
	if err := t.ExecuteTemplate(&body, part, data); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}
