// Package manager is the web page of a Device Manager: devices, tenants, alarms,
// the configuration and the status of Device Agents (DM-PG), and a JSON form of
// each for scripts.
package manager

import (
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"provsim/device"
	"provsim/internal/role/devicemanager"
	"provsim/internal/role/ippm"
	"provsim/internal/web/app"
)

//go:embed pages/*
var files embed.FS

// style is added to the app's: forms of several lines, and the icon that leads
// to the Agents.
const style = `
textarea { font: inherit; font-family: var(--mono); font-size: .92rem; color: inherit; width: 100%; min-height: 10rem; padding: .5rem .6rem; background: var(--card); border: 1px solid var(--edge); border-radius: .4rem; }
.agents { text-align: right; margin: -3.2rem 0 1.4rem; }
`

// Config says where the page listens and who may use it.
type Config struct {
	app.Access
	Token   string // of scripts; empty: the JSON form is off
	Scripts ippm.Nets
}

// Page is a page that listens.
type Page struct {
	config  Config
	manager *devicemanager.Server
	app     *app.App
	server  *app.Server
}

// New opens the page of a manager. The error is that of the address.
func New(c Config, manager *devicemanager.Server) (*Page, error) {
	pages, err := fs.Sub(files, "pages")
	if err != nil {
		return nil, err
	}
	p := &Page{config: c, manager: manager}
	p.app, err = app.New(app.Config{
		Name: "Device Manager", Pages: pages, Style: style, Access: c.Access,
		Nav: []app.Link{
			{Path: "/devices", Title: "Devices"}, {Path: "/tenants", Title: "Tenants"}, {Path: "/alarms", Title: "Alarms"},
			{Path: "/agents/configuration", Title: "Device Agents"}, {Path: "/log", Title: "Log"},
		},
	})
	if err != nil {
		return nil, err
	}
	for _, r := range p.routes() {
		p.app.Handle(r)
	}
	p.handleScripts()
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

// formLimit is enough for a tenant's text when all of it is written as %XX.
const formLimit = 4 * devicemanager.MostText

func (p *Page) routes() []app.Route {
	return []app.Route{
		{Method: "GET", Path: "/devices", Handle: p.devices},
		{Method: "GET", Path: "/devices/{mac}", Handle: p.device},
		{Method: "POST", Path: "/devices/{mac}", Limit: formLimit, Handle: p.saveDevice},
		{Method: "POST", Path: "/actions", Limit: formLimit, Handle: p.act},
		{Method: "GET", Path: "/tenants", Handle: p.tenants},
		{Method: "GET", Path: "/tenants/{name}", Handle: p.tenant},
		{Method: "POST", Path: "/tenants", Handle: p.addTenant},
		{Method: "POST", Path: "/tenants/{name}", Limit: formLimit, Handle: p.saveTenant},
		{Method: "POST", Path: "/tenants/{name}/template", Limit: formLimit, Handle: p.saveTemplate},
		{Method: "GET", Path: "/alarms", Handle: p.alarms},
		{Method: "GET", Path: "/agents/configuration", Handle: p.configuration},
		{Method: "POST", Path: "/agents/configuration", Handle: p.configure},
		{Method: "GET", Path: "/agents", Handle: p.agents},
		{Method: "POST", Path: "/agents", Handle: p.removeAgent},
		{Method: "GET", Path: "/log", Handle: p.log},
	}
}

// view is what each page's template gets: Data of its own, and whether the icon
// is there.
type view struct {
	Agents bool
	Token  string
	Data   any
}

func (p *Page) show(w http.ResponseWriter, r *http.Request, name, title string, data any, fault error) error {
	v := view{Token: app.Of(r).Token(), Data: data}
	p.manager.Read(func(_ time.Time, m *devicemanager.Machine) { v.Agents, _ = m.Agents() })
	page := app.Page{Name: name, Title: title, Data: v}
	if fault != nil {
		page.Status, page.Notice = http.StatusUnprocessableEntity, &app.Notice{Kind: "bad", Text: sentence(fault)}
	}
	return p.app.Render(w, r, page)
}

func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// done leads to a page with a notice.
func done(w http.ResponseWriter, r *http.Request, path, text string) error {
	app.Of(r).Tell("good", text)
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// mostRows is how many devices or alarms a page has.
const mostRows = 500

type devicesView struct {
	Devices      []devicemanager.Seen
	Total        int
	Tenants      []devicemanager.Tenant
	Actions      []ippm.Action
	Tenant, Text string
	Base         string
}

func (p *Page) devices(w http.ResponseWriter, r *http.Request) error {
	return p.showDevices(w, r, nil)
}

func (p *Page) showDevices(w http.ResponseWriter, r *http.Request, fault error) error {
	q := r.URL.Query()
	v := devicesView{Actions: ippm.Actions, Tenant: q.Get("tenant"), Text: q.Get("text")}
	p.manager.Read(func(now time.Time, m *devicemanager.Machine) {
		v.Devices, v.Total = m.Find(now, v.Tenant, v.Text, mostRows)
		v.Tenants = m.Tenants()
	})
	return p.show(w, r, "devices", "Devices", v, fault)
}

// sent is what an order is always answered with (DM-ACT-1).
const sent = "The action was sent. The status will be updated in a few minutes."

func (p *Page) act(w http.ResponseWriter, r *http.Request) error {
	o := devicemanager.Order{Name: r.PostFormValue("action"), Value: r.PostFormValue("value")}
	var err error
	if o.Devices, err = devicemanager.ParseDevices(strings.Join(r.PostForm["device"], " ")); err == nil {
		err = p.manager.Act(o)
	}
	if err != nil {
		return p.showDevices(w, r, err)
	}
	return done(w, r, "/devices", sent)
}

type deviceView struct {
	devicemanager.Seen
	Tenants    []devicemanager.Tenant
	Actions    []ippm.Action
	File       string
	Unresolved []string
	Sites      []string
}

func (p *Page) device(w http.ResponseWriter, r *http.Request) error {
	return p.showDevice(w, r, nil)
}

func (p *Page) showDevice(w http.ResponseWriter, r *http.Request, fault error) error {
	mac, err := device.ParseMAC(r.PathValue("mac"))
	v, ok := deviceView{Actions: ippm.Actions}, false
	p.manager.Read(func(now time.Time, m *devicemanager.Machine) {
		if v.Seen, ok = m.Look(now, mac); !ok {
			return
		}
		v.File, v.Unresolved = m.Preview(mac)
		v.Tenants = m.Tenants()
		t, _ := m.Tenant(v.Tenant)
		v.Sites = t.Sites()
	})
	if err != nil || !ok {
		return &app.Error{Status: http.StatusNotFound, Text: "there is no such device"}
	}
	return p.show(w, r, "device", "Device "+mac.Colons(), &v, fault)
}

func (p *Page) saveDevice(w http.ResponseWriter, r *http.Request) error {
	mac, err := device.ParseMAC(r.PathValue("mac"))
	if err != nil {
		return &app.Error{Status: http.StatusNotFound, Text: "there is no such device"}
	}
	if r.PostFormValue("do") == "delete" {
		if err := p.manager.Change(func(m *devicemanager.Machine) error { return m.RemoveDevice(mac) }); err != nil {
			return p.showDevices(w, r, err)
		}
		return done(w, r, "/devices", "The device is forgotten until its next keep-alive.")
	}
	err = p.manager.Change(func(m *devicemanager.Machine) error {
		return m.SetDevice(mac, r.PostFormValue("tenant"), r.PostFormValue("site"), r.PostFormValue("text"))
	})
	if err != nil {
		return p.showDevice(w, r, err)
	}
	return done(w, r, "/devices/"+mac.String(), "The device is saved.")
}

func (p *Page) alarms(w http.ResponseWriter, r *http.Request) error {
	var alarms []devicemanager.Alarm
	p.manager.Read(func(_ time.Time, m *devicemanager.Machine) { alarms = m.AllAlarms(mostRows) })
	return p.show(w, r, "alarms", "Alarms", alarms, nil)
}

func (p *Page) log(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, "log", "Log", p.manager.Log().Table(), nil)
}

type configurationView struct {
	Enabled bool
	Key     string
}

func (p *Page) configuration(w http.ResponseWriter, r *http.Request) error {
	var v configurationView
	p.manager.Read(func(_ time.Time, m *devicemanager.Machine) { v.Enabled, v.Key = m.Agents() })
	return p.show(w, r, "configuration", "Devices Agents Configuration", v, nil)
}

func (p *Page) configure(w http.ResponseWriter, r *http.Request) error {
	err := p.manager.Change(func(m *devicemanager.Machine) error {
		m.SetAgents(r.PostFormValue("enabled") == "yes", "")
		return nil
	})
	if err != nil {
		return err
	}
	return done(w, r, "/agents/configuration", "The configuration is saved.")
}

// agentRow is an Agent with its actions, which are counted from the newest
// (DM-PG-6).
type agentRow struct {
	devicemanager.Agent
	Rows []actionRow
}

type actionRow struct {
	ID   int
	Text string
}

func (p *Page) agents(w http.ResponseWriter, r *http.Request) error {
	var agents []agentRow
	p.manager.Read(func(_ time.Time, m *devicemanager.Machine) {
		for _, a := range m.AgentRows() {
			row := agentRow{Agent: a}
			for i, text := range a.Actions {
				row.Rows = append(row.Rows, actionRow{i + 1, text})
			}
			agents = append(agents, row)
		}
	})
	return p.show(w, r, "agents", "Devices Agents Status", agents, nil)
}

func (p *Page) removeAgent(w http.ResponseWriter, r *http.Request) error {
	err := p.manager.Change(func(m *devicemanager.Machine) error {
		m.RemoveAgent(r.PostFormValue("agent"))
		return nil
	})
	if err != nil {
		return err
	}
	return done(w, r, "/agents", "The Agent is forgotten until its next poll.")
}

func (p *Page) tenants(w http.ResponseWriter, r *http.Request) error { return p.showTenants(w, r, nil) }

func (p *Page) showTenants(w http.ResponseWriter, r *http.Request, fault error) error {
	var all []devicemanager.Tenant
	p.manager.Read(func(_ time.Time, m *devicemanager.Machine) { all = m.Tenants() })
	return p.show(w, r, "tenants", "Tenant Configuration", all, fault)
}

func (p *Page) addTenant(w http.ResponseWriter, r *http.Request) error {
	t := devicemanager.Tenant{Name: r.PostFormValue("name"), Templates: map[string]string{}}
	err := p.manager.Change(func(m *devicemanager.Machine) error {
		if _, ok := m.Tenant(t.Name); ok {
			return errors.New("there is a tenant of that name")
		}
		return m.SetTenant(t)
	})
	if err != nil {
		return p.showTenants(w, r, err)
	}
	return done(w, r, "/tenants/"+url.PathEscape(t.Name), "The tenant is added.")
}

func (p *Page) tenant(w http.ResponseWriter, r *http.Request) error { return p.showTenant(w, r, nil) }

func (p *Page) showTenant(w http.ResponseWriter, r *http.Request, fault error) error {
	var t devicemanager.Tenant
	var ok bool
	p.manager.Read(func(_ time.Time, m *devicemanager.Machine) { t, ok = m.Tenant(r.PathValue("name")) })
	if !ok {
		return &app.Error{Status: http.StatusNotFound, Text: "there is no such tenant"}
	}
	return p.show(w, r, "tenant", "Tenant "+t.Name, &t, fault)
}

// change changes a tenant and saves it.
func (p *Page) change(name string, change func(t *devicemanager.Tenant) error) error {
	return p.manager.Change(func(m *devicemanager.Machine) error {
		t, ok := m.Tenant(name)
		if !ok {
			return errors.New("there is no such tenant")
		}
		if err := change(&t); err != nil {
			return err
		}
		return m.SetTenant(t)
	})
}

func (p *Page) saveTenant(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	var err error
	switch r.PostFormValue("do") {
	case "delete":
		if err = p.manager.Change(func(m *devicemanager.Machine) error { return m.RemoveTenant(name) }); err == nil {
			return done(w, r, "/tenants", "The tenant is removed; its devices are in the default one.")
		}
	case "agent":
		address, bad := netip.ParseAddrPort(r.PostFormValue("address"))
		text := address.String()
		if bad != nil {
			var addr netip.Addr
			addr, bad = netip.ParseAddr(r.PostFormValue("address"))
			text = addr.String()
		}
		err = errors.New("want the Agent's IP address, with :PORT where it is not 80")
		if bad == nil {
			err = p.change(name, func(t *devicemanager.Tenant) error {
				t.Text = devicemanager.AgentLines(text) + t.Text
				return nil
			})
		}
	default:
		err = p.change(name, func(t *devicemanager.Tenant) error {
			t.NAT, t.Agent, t.KeepAlive = r.PostFormValue("nat") == "yes", r.PostFormValue("agent") == "yes", r.PostFormValue("keepalive") == "yes"
			t.Text = r.PostFormValue("text")
			return nil
		})
	}
	if err != nil {
		return p.showTenant(w, r, err)
	}
	return done(w, r, "/tenants/"+url.PathEscape(name), "The tenant is saved.")
}

func (p *Page) saveTemplate(w http.ResponseWriter, r *http.Request) error {
	name, model := r.PathValue("name"), strings.TrimSpace(r.PostFormValue("model"))
	err := p.change(name, func(t *devicemanager.Tenant) error {
		return t.SetTemplate(model, r.PostFormValue("text"))
	})
	if err != nil {
		return p.showTenant(w, r, err)
	}
	return done(w, r, "/tenants/"+url.PathEscape(name), "The template is saved.")
}
