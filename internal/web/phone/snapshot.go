package phone

import (
	"context"
	"net/http"
	"time"

	"provsim/device"
	"provsim/internal/web/app"
	"provsim/profile"
)

// patience is how long the page waits for a snapshot of the phone.
const patience = 5 * time.Second

// snapshot is the phone between two steps. Nothing changes what it points to.
type snapshot struct {
	now     time.Duration
	status  device.Status
	lease   device.Lease
	model   *device.Model
	stored  *device.Stored
	inForce profile.Config // the settings in force (FV-RS-12)
}

// look asks the driver's goroutine for a snapshot. The channel has room, so that
// the driver never waits for a page that has given up.
func (p *Page) look(ctx context.Context) (*snapshot, error) {
	seen := make(chan *snapshot, 1)
	p.driver.Look(0, func(d *device.Device, now time.Duration) {
		seen <- &snapshot{now: now, status: d.Status(), lease: d.Lease(), model: d.Model(), stored: d.Stored()}
	})
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case s := <-seen:
		p.mu.Lock()
		defer p.mu.Unlock()
		s.inForce = p.inForce
		return s, nil
	case <-ctx.Done():
		return nil, &app.Error{Status: http.StatusServiceUnavailable, Text: "the phone does not answer"}
	}
}

// value returns a stored setting, or its default.
func value(c profile.Config, p profile.Parameter) string {
	if v, ok := c.Get(p.Name); ok {
		return v
	}
	return p.Default
}

// waiting returns the settings whose stored value is not the one in force.
func (s *snapshot) waiting() []profile.Parameter {
	var list []profile.Parameter
	for p := range s.model.Parameters.All() {
		if p.Web != "" && value(s.stored.Config, p) != value(s.inForce, p) {
			list = append(list, p)
		}
	}
	return list
}
