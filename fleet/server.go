package fleet

import (
	"errors"
	"reflect"
	"strings"
	"time"

	"provsim/internal/fetch/model"
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
}

// DefaultServer returns a small server of 2 cores as it comes from a
// distribution.
func DefaultServer() Server {
	d := model.Default()
	return Server{RoundTrip: d.RoundTrip, HTTP: d.HTTP, TFTP: d.TFTP, Ban: d.Ban}
}

// config returns the model's configuration, with the outages among the events.
func (s *Scenario) config() model.Config {
	server := s.Server
	if server.zero() {
		server = DefaultServer()
	}
	c := model.Config{Seed: s.Seed, RoundTrip: server.RoundTrip, HTTP: server.HTTP, TFTP: server.TFTP, Ban: server.Ban}
	for i := range s.Events {
		if o := s.Events[i].Outage; o != nil {
			for _, at := range s.Events[i].occurrences(s.Duration) {
				c.Outages = append(c.Outages, model.Outage{From: at, Till: at + o.For, Kind: o.Kind, Factor: o.Factor})
			}
		}
	}
	return c
}

// zero reports whether the whole section is left out of a scenario made in Go.
func (s *Server) zero() bool { return reflect.ValueOf(s).Elem().IsZero() }

// checkServer holds the model's configuration against its own rules. It does so
// only where nothing else is wrong, because outages are among the events.
func checkServer(c *checker, s *Scenario) {
	if c.faults.err() != nil {
		return
	}
	for _, err := range each(s.filled().config().Validate()) {
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
