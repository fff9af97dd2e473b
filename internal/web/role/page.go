// Package role is the web page of a system that phones meet: what it holds and
// what it did, as tables. A page changes nothing.
package role

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"

	"provsim/internal/role"
	"provsim/internal/web/app"
)

//go:embed pages
var files embed.FS

// Config says where a page listens and who may use it.
type Config struct {
	app.Access
	Name string // of the system, such as "Gateway"
	// Tables is asked at each look at the page, from several goroutines.
	Tables func() []role.Table
}

// Page is a page that listens.
type Page struct {
	server *app.Server
}

// table is a table with the name that a heading needs.
type table struct {
	role.Table
	ID string
}

// New opens a page. The error is that of the address.
func New(c Config) (*Page, error) {
	pages, err := fs.Sub(files, "pages")
	if err != nil {
		return nil, err
	}
	s, err := app.New(app.Config{
		Name: c.Name, Nav: []app.Link{{Path: "/", Title: "State"}}, Pages: pages, Access: c.Access,
	})
	if err != nil {
		return nil, err
	}
	s.Handle(app.Route{Method: "GET", Path: "/{$}", Handle: func(w http.ResponseWriter, r *http.Request) error {
		var tables []table
		for i, t := range c.Tables() {
			tables = append(tables, table{t, fmt.Sprintf("table-%d", i+1)})
		}
		return s.Render(w, r, app.Page{Name: "state", Title: c.Name, Data: tables})
	}})
	server, err := s.Listen()
	if err != nil {
		return nil, err
	}
	server.Serve()
	return &Page{server}, nil
}

// URL returns where the page is.
func (p *Page) URL() string { return p.server.URL() }

// Close ends the page.
func (p *Page) Close() {
	p.server.Close()
	p.server.Wait()
}
