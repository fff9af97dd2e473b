package devicemanager

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"provsim/internal/role/ippm"
)

// DefaultTenant always exists (DM-TEN-1).
const DefaultTenant = "Default"

// mostTenants bounds what phones can add by their region.
const mostTenants = 1000

// A Mode is how actions get to a tenant's phones (DM-TEN-1).
type Mode string

// The modes. ByKeepAlive is an extension.
const (
	Direct      Mode = "direct"
	ByFile      Mode = "nat-file"
	ByAgent     Mode = "nat-agent"
	ByKeepAlive Mode = "nat-keepalive"
)

// A Tenant is a customer with phones. Text has its settings and sites, as
// parseSettings reads them; Templates have the text of a template by model.
type Tenant struct {
	Name      string            `json:"name"`
	NAT       bool              `json:"nat"`
	Agent     bool              `json:"agent"`
	KeepAlive bool              `json:"keepAlive"` // actions in the answers to keep-alives
	Text      string            `json:"text"`
	Templates map[string]string `json:"templates"`

	settings  Settings
	sites     []Site
	templates map[string]Settings
	waiting   []*action // of all its devices, in order; for the Agent
}

// Mode returns how actions get to the tenant's phones.
func (t *Tenant) Mode() Mode {
	switch {
	case t.KeepAlive:
		return ByKeepAlive
	case t.Agent:
		return ByAgent
	case t.NAT:
		return ByFile
	}
	return Direct
}

// Lines returns the tenant's lines, for the two columns of its page.
func (t *Tenant) Lines() []Line { return t.settings.Lines }

// Models returns the models that have a template, sorted.
func (t *Tenant) Models() []string { return slices.Sorted(maps.Keys(t.Templates)) }

// Sites returns the names of the tenant's sites.
func (t *Tenant) Sites() (names []string) {
	for _, s := range t.sites {
		names = append(names, s.Name)
	}
	return names
}

// site returns the settings of a site; a name that is unknown has none.
func (t *Tenant) site(name string) Settings {
	for _, s := range t.sites {
		if s.Name == name {
			return s.Settings
		}
	}
	return Settings{}
}

// read parses the texts.
func (t *Tenant) read() (err error) {
	switch {
	case !ippm.GoodName(t.Name):
		return errors.New("the name of a tenant has 1 to 64 letters, digits, '_', '.' and '-'")
	case t.Agent && !t.NAT:
		return errors.New("only a tenant behind a NAT has an Agent")
	case t.KeepAlive && (!t.NAT || t.Agent):
		return errors.New("actions in keep-alives are for a tenant behind a NAT without an Agent")
	}
	if t.settings, t.sites, err = parseSettings(t.Text, inTenant); err != nil {
		return fmt.Errorf("lines of the tenant: %w", err)
	}
	t.templates = map[string]Settings{}
	for model, text := range t.Templates {
		if !ippm.GoodName(model) {
			return errors.New("the name of a model has 1 to 64 letters, digits, '_', '.' and '-'")
		}
		if t.templates[model], _, err = parseSettings(text, inTemplate); err != nil {
			return fmt.Errorf("template %s: %w", model, err)
		}
	}
	return nil
}

// AgentLines are the three lines of a tenant whose phones' traffic goes through
// the Agent at an address, written as on the page (DM-PH-4).
func AgentLines(address string) string {
	return "ems_server/provisioning/url http://" + address + "\n" +
		"provisioning/configuration/url http://" + address + "/configfiles\n" +
		"provisioning/firmware/url http://" + address + "/firmwarefiles/%ITCS_FirmwareFile%\n"
}

// SetTenant adds a tenant or replaces its settings. Actions that wait for its
// Agent are dropped where it no longer has one.
func (m *Machine) SetTenant(t Tenant) error {
	old := m.tenants[t.Name]
	if old == nil && len(m.tenants) >= mostTenants {
		return fmt.Errorf("there are %d tenants, which is the most", mostTenants)
	}
	t.waiting = nil
	if err := t.read(); err != nil {
		return err
	}
	if old != nil && t.Agent {
		t.waiting = old.waiting
	}
	m.tenants[t.Name] = &t
	m.touch(tenantBucket, t.Name)
	return nil
}

// RemoveTenant removes a tenant. Its devices go to the default one, and what
// waits for its Agent is dropped.
func (m *Machine) RemoveTenant(name string) error {
	if name == DefaultTenant || m.tenants[name] == nil {
		return errors.New("the tenant does not exist, or is the one that always exists")
	}
	for mac, d := range m.devices {
		if d.Tenant == name {
			d.Tenant, d.Site = DefaultTenant, ""
			m.touch(deviceBucket, mac.String())
		}
	}
	delete(m.tenants, name)
	m.touch(tenantBucket, name)
	return nil
}

// Tenants returns copies of all tenants by name.
func (m *Machine) Tenants() []Tenant {
	var all []Tenant
	for _, name := range slices.Sorted(maps.Keys(m.tenants)) {
		all = append(all, *m.tenants[name])
	}
	return all
}

// Tenant returns a copy of a tenant.
func (m *Machine) Tenant(name string) (Tenant, bool) {
	if t, ok := m.tenants[name]; ok {
		return *t, true
	}
	return Tenant{}, false
}

func (m *Machine) loadTenant(value []byte) error {
	var t Tenant
	if err := json.Unmarshal(value, &t); err != nil {
		return err
	}
	if err := t.read(); err != nil {
		return err
	}
	m.tenants[t.Name] = &t
	return nil
}

// SetTemplate replaces the template of a model; an empty text removes it. The
// tenant's other copies keep the templates that they have.
func (t *Tenant) SetTemplate(model, text string) error {
	if !ippm.GoodName(model) {
		return errors.New("a template needs the name of a model, such as 440HD")
	}
	t.Templates = maps.Clone(t.Templates)
	if t.Templates == nil {
		t.Templates = map[string]string{}
	}
	if text == "" {
		delete(t.Templates, model)
		return nil
	}
	t.Templates[model] = text
	return nil
}
