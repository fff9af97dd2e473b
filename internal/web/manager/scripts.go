package manager

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"provsim/internal/role/devicemanager"
	"provsim/internal/web/app"
)

// handleScripts adds the JSON form (DM-PG-4).
func (p *Page) handleScripts() {
	for _, route := range []struct {
		method, path string
		handle       app.Handler
	}{
		{"GET", "devices", p.listDevices}, {"GET", "tenants", p.listTenants}, {"PUT", "tenants", p.putTenant},
		{"GET", "alarms", p.listAlarms}, {"GET", "agents", p.listAgents}, {"PUT", "agents", p.putAgents}, {"POST", "actions", p.postAction},
	} {
		p.app.Handle(app.Route{Method: route.method, Path: "/api/v1/" + route.path, Public: true, Limit: formLimit, Handle: func(w http.ResponseWriter, r *http.Request) error {
			if err := p.bears(r); err != nil {
				return err
			}
			return route.handle(w, r)
		}})
	}
}

// bears checks a script's token and where it comes from.
func (p *Page) bears(r *http.Request) error {
	at, _ := netip.ParseAddrPort(r.RemoteAddr)
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	got, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(p.config.Token))
	switch {
	case p.config.Token == "" || !p.config.Scripts.Contain(at.Addr()):
		return &app.Error{Status: http.StatusForbidden, Text: "scripts are not allowed from here, or at all"}
	case !ok || subtle.ConstantTimeCompare(got[:], want[:]) != 1:
		return &app.Error{Status: http.StatusUnauthorized, Text: "the bearer token is missing or wrong"}
	}
	return nil
}

type deviceJSON struct {
	MAC        string            `json:"mac"`
	Tenant     string            `json:"tenant"`
	Site       string            `json:"site,omitempty"`
	Mode       string            `json:"mode"`
	Status     string            `json:"status"`
	ExternalIP string            `json:"externalIp"`
	LastSeen   time.Time         `json:"lastSeen"`
	Waiting    int               `json:"waiting"`
	Fields     map[string]string `json:"fields"`
}

// mostScriptRows is how many devices a script gets; total says how many there are.
const mostScriptRows = 100_000

func (p *Page) listDevices(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	var found []devicemanager.Seen
	answer := struct {
		Total   int          `json:"total"`
		Devices []deviceJSON `json:"devices"`
	}{Devices: []deviceJSON{}}
	p.manager.Read(func(now time.Time, m *devicemanager.Machine) {
		found, answer.Total = m.Find(now, q.Get("tenant"), q.Get("text"), mostScriptRows)
	})
	for _, d := range found {
		fields := map[string]string{}
		for _, f := range d.Fields {
			fields[f.Name] = f.Value
		}
		answer.Devices = append(answer.Devices, deviceJSON{
			d.MAC.String(), d.Tenant, d.Site, string(d.Mode), d.Status, d.ExternalIP.String(), d.LastSeen, d.Waiting, fields,
		})
	}
	return app.WriteJSON(w, answer)
}

func (p *Page) listTenants(w http.ResponseWriter, _ *http.Request) error {
	var all []devicemanager.Tenant
	p.manager.Read(func(_ time.Time, m *devicemanager.Machine) { all = m.Tenants() })
	return app.WriteJSON(w, map[string]any{"tenants": all})
}

func (p *Page) putTenant(w http.ResponseWriter, r *http.Request) error {
	var t devicemanager.Tenant
	if err := app.ReadJSON(r, &t); err != nil {
		return err
	}
	if err := p.manager.Change(func(m *devicemanager.Machine) error { return m.SetTenant(t) }); err != nil {
		return app.BadRequest(err.Error())
	}
	return app.WriteJSON(w, t)
}

type alarmJSON struct {
	Time        time.Time `json:"time"`
	Name        string    `json:"name"`
	Severity    string    `json:"severity"`
	Source      string    `json:"source"`
	Description string    `json:"description"`
	Info        string    `json:"info"`
}

func (p *Page) listAlarms(w http.ResponseWriter, _ *http.Request) error {
	var all []devicemanager.Alarm
	p.manager.Read(func(_ time.Time, m *devicemanager.Machine) { all = m.AllAlarms(mostScriptRows) })
	list := []alarmJSON{}
	for _, a := range all {
		list = append(list, alarmJSON(a))
	}
	return app.WriteJSON(w, map[string]any{"alarms": list})
}

func (p *Page) listAgents(w http.ResponseWriter, _ *http.Request) error {
	var rows []devicemanager.Agent
	var enabled bool
	p.manager.Read(func(_ time.Time, m *devicemanager.Machine) {
		rows = m.AgentRows()
		enabled, _ = m.Agents()
	})
	return app.WriteJSON(w, map[string]any{"enabled": enabled, "agents": rows})
}

func (p *Page) putAgents(w http.ResponseWriter, r *http.Request) error {
	var c struct {
		Enabled bool `json:"enabled"`
	}
	if err := app.ReadJSON(r, &c); err != nil {
		return err
	}
	err := p.manager.Change(func(m *devicemanager.Machine) error { m.SetAgents(c.Enabled, ""); return nil })
	if err != nil {
		return err
	}
	return app.WriteJSON(w, c)
}

func (p *Page) postAction(w http.ResponseWriter, r *http.Request) error {
	var o struct {
		Name    string   `json:"name"`
		Value   string   `json:"value"`
		Devices []string `json:"devices"`
		Seconds int      `json:"seconds"` // that it waits at most; 0: as long as the mode says
	}
	if err := app.ReadJSON(r, &o); err != nil {
		return err
	}
	devices, err := devicemanager.ParseDevices(strings.Join(o.Devices, " "))
	if err == nil {
		err = p.manager.Act(devicemanager.Order{Name: o.Name, Value: o.Value, Devices: devices, Life: time.Duration(o.Seconds) * time.Second})
	}
	if err != nil {
		return app.BadRequest(err.Error())
	}
	return app.WriteJSON(w, map[string]string{"text": sent})
}
