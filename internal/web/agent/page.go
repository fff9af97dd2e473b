// Package agent is the web page of a Device Manager's Agent: its configuration
// with the fields of the document (AG-CFG-1), and its state.
package agent

import (
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"provsim/internal/role"
	"provsim/internal/role/agent"
	"provsim/internal/web/app"
)

//go:embed pages/*
var files embed.FS

// style is added to the app's.
const style = `
fieldset { border: 1px solid var(--line); border-radius: .4rem; margin: 0 0 .9rem; padding: .3rem .8rem; }
legend { font-weight: 600; padding-inline: .3rem; }
`

// Config says where the page listens and who may use it.
type Config struct {
	app.Access
	Log *role.Log
}

// Page is a page that listens.
type Page struct {
	config Config
	agent  *agent.Agent
	app    *app.App
	server *app.Server
}

// New opens the page of an Agent. The error is that of the address.
func New(c Config, a *agent.Agent) (*Page, error) {
	pages, err := fs.Sub(files, "pages")
	if err != nil {
		return nil, err
	}
	p := &Page{config: c, agent: a}
	p.app, err = app.New(app.Config{
		Name: "Device Manager Agent", Nav: []app.Link{{Path: "/", Title: "Configuration"}, {Path: "/log", Title: "Log"}},
		Pages: pages, Style: style, Access: c.Access,
	})
	if err != nil {
		return nil, err
	}
	p.app.Handle(app.Route{Method: "GET", Path: "/{$}", Handle: p.show})
	p.app.Handle(app.Route{Method: "POST", Path: "/", Handle: p.save})
	p.app.Handle(app.Route{Method: "GET", Path: "/log", Handle: p.log})
	if p.server, err = p.app.Listen(); err != nil {
		return nil, err
	}
	p.server.Serve()
	return p, nil
}

// URL returns where the page is.
func (p *Page) URL() string { return p.server.URL() }

// Close ends the page.
func (p *Page) Close() {
	p.server.Close()
	p.server.Wait()
}

// form is the configuration as it is typed, and what is wrong with it. The key is
// never in it.
type form struct {
	State                                          agent.State
	Manager, Period                                string
	Tenants                                        []string
	ManagerFault, KeyFault, TenantFault, TimeFault string
}

func (p *Page) show(w http.ResponseWriter, r *http.Request) error {
	s := p.agent.State()
	f := form{State: s, Manager: s.Config.Manager, Period: strconv.Itoa(int(s.Config.Period.Seconds())), Tenants: s.Config.Tenants}
	if len(f.Tenants) == 0 {
		f.Tenants = []string{""}
	}
	return p.app.Render(w, r, app.Page{Name: "configuration", Title: "Device Manager Agent", Data: f})
}

// save takes the form. The buttons "+" and "X" change the rows and save nothing;
// a field that is wrong has its error, and nothing is saved (AG-CFG-2).
func (p *Page) save(w http.ResponseWriter, r *http.Request) error {
	f := form{Manager: strings.TrimSpace(r.PostFormValue("manager")), Period: strings.TrimSpace(r.PostFormValue("period")), Tenants: r.PostForm["tenant"]}
	do := r.PostFormValue("do")
	if do == "+" {
		f.Tenants = append(f.Tenants, "")
	} else if n, err := strconv.Atoi(strings.TrimPrefix(do, "X")); err == nil && n >= 0 && n < len(f.Tenants) {
		f.Tenants = slices.Delete(f.Tenants, n, n+1)
	} else if p.apply(r, &f) {
		app.Of(r).Tell("good", "The parameters are saved.")
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	if len(f.Tenants) == 0 {
		f.Tenants = []string{""}
	}
	f.State = p.agent.State()
	page := app.Page{Name: "configuration", Title: "Device Manager Agent", Data: f}
	if f.ManagerFault+f.KeyFault+f.TenantFault+f.TimeFault != "" {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.app.Render(w, r, page)
}

// apply saves the form. It reports false where a field is wrong.
func (p *Page) apply(r *http.Request, f *form) bool {
	c := agent.Config{Manager: f.Manager, Key: strings.TrimSpace(r.PostFormValue("key"))}
	for _, name := range f.Tenants {
		if name = strings.TrimSpace(name); name != "" {
			c.Tenants = append(c.Tenants, name)
		}
	}
	var err error
	if c.Period, err = agent.ParsePeriod(f.Period); err != nil {
		f.TimeFault = err.Error()
	}
	for _, check := range []struct {
		err   error
		fault *string
	}{{agent.CheckManager(c.Manager), &f.ManagerFault}, {agent.CheckKey(c.Key), &f.KeyFault}, {agent.CheckTenants(c.Tenants), &f.TenantFault}} {
		if check.err != nil {
			*check.fault = check.err.Error()
		}
	}
	if f.ManagerFault+f.KeyFault+f.TenantFault+f.TimeFault != "" {
		return false
	}
	if err := p.agent.Configure(c); err != nil {
		f.ManagerFault = err.Error()
		return false
	}
	return true
}

func (p *Page) log(w http.ResponseWriter, r *http.Request) error {
	return p.app.Render(w, r, app.Page{Name: "log", Title: "Log", Data: p.config.Log.Table()})
}
