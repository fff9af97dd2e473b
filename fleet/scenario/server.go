package scenario

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"

	"provsim/internal/fetch/model"
	"provsim/profile"
)

// Server is the modelled server, and the network before it. What is left out is
// as in [DefaultServer].
type Server struct {
	// RoundTrip is from a device to the server and back, 0 to a minute. A site's
	// delay adds to it.
	RoundTrip time.Duration `yaml:"round-trip"`
	HTTP      model.HTTP    `yaml:"http"` // https included
	TFTP      model.TFTP    `yaml:"tftp"`
	Ban       model.Ban     `yaml:"ban"`
	// Redirect is the URL to which the modelled redirection service leads phones; empty:
	// http://192.0.2.1/. See [Population].RedirectServer.
	Redirect string `yaml:"redirect" json:",omitempty"`
}

// DefaultRedirect is where a redirection service leads phones of which nothing is said.
const DefaultRedirect = "http://" + DefaultOption66 + "/"

// DefaultServer returns a small server of 2 cores as installed by a
// distribution.
func DefaultServer() Server {
	d := model.Default()
	return Server{RoundTrip: d.RoundTrip, HTTP: d.HTTP, TFTP: d.TFTP, Ban: d.Ban}
}

// Model returns the model's configuration, with the outages among the events.
func (s *Scenario) Model() model.Config {
	server := s.Server
	if server.IsZero() {
		server = DefaultServer()
	}
	c := model.Config{Seed: s.Seed, RoundTrip: server.RoundTrip, HTTP: server.HTTP, TFTP: server.TFTP, Ban: server.Ban}
	for i := range s.Events {
		if o := s.Events[i].Outage; o != nil {
			for _, at := range s.Events[i].Occurrences(s.Duration) {
				c.Outages = append(c.Outages, model.Outage{From: at, Till: at + o.For, Kind: o.Kind, Factor: o.Factor})
			}
		}
	}
	return c
}

// IsZero reports whether the whole section is left out of a scenario made in Go.
func (s *Server) IsZero() bool { return reflect.ValueOf(s).Elem().IsZero() }

// checkServer holds the model's configuration against its own rules. It does so
// only where nothing else is wrong, because outages are among the events.
func checkServer(c *checker, s *Scenario) {
	if c.faults.err() != nil {
		return
	}
	if s.Server.Redirect != "" && !isServer(s.Server.Redirect) {
		c.fault("server.redirect", "want a URL such as "+DefaultRedirect)
	}
	for _, err := range each(s.Filled().Model().Validate()) {
		var field *model.FieldError
		switch {
		case !errors.As(err, &field):
			c.fault("server", "%v", err)
		case strings.HasPrefix(field.Field, "outages"):
			c.fault("events", "found %s, want %s", field.Found, field.Want)
		default:
			c.fault("server."+field.Field, "found %s, want %s", field.Found, field.Want)
		}
	}
}

// isServer reports whether a text is the URL of a server that phones can ask.
func isServer(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Hostname() != "" && profile.DefaultPort(u.Scheme) != 0
}

// each returns the errors that were joined to one.
func each(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err != nil {
		return []error{err}
	}
	return nil
}

// PlanOnly lists what of the scenario a run on the wall clock leaves out, because the
// real server and the real network decide it.
func (s *Scenario) PlanOnly() []string {
	var list []string
	if !s.Server.IsZero() && !reflect.DeepEqual(s.Server, DefaultServer()) {
		list = append(list, "server")
	}
	if s.Gateway != nil {
		list = append(list, "gateway")
	}
	for i := range s.Events {
		switch name, _ := s.Events[i].Kind(); name {
		case "outage", "rollout", "firmware":
			list = append(list, fmt.Sprintf("events[%d].%s", i, name))
		}
	}
	for i, site := range s.Sites {
		if site.Loss != 0 || site.Delay != 0 || site.Rate != 0 || site.Clock != 0 {
			list = append(list, fmt.Sprintf("loss, delay, rate and clock of sites[%d]", i))
		}
	}
	return list
}
