package fleet

import (
	"encoding/binary"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"provsim/device"
	"provsim/fleet/inventory"
	"provsim/fleet/scenario"
	"provsim/internal/dhcp"
	"provsim/internal/role/activator"
	"provsim/internal/role/gateway"
	"provsim/internal/run"
	"provsim/internal/tally"
)

// hidden is a plan's gateway, its Activator and its account server: the machines of the
// roles, in virtual time. As a wire it carries the devices' DHCP messages to the gateway.
type hidden struct {
	config    *scenario.Gateway
	driver    *run.Driver
	agent     *dhcp.Agent
	gateway   *gateway.Machine
	activator *activator.Machine

	events int                      // that were sent
	places []time.Duration          // until when each place at the account server is taken
	had    map[string]bool          // numbers whose files are, or were, there
	asked  map[string]time.Duration // numbers that were asked for before
	counts tally.Gateway
	late   tally.Histogram
}

// Times and numbers of the modelled network around the gateway.
const (
	replyTime   = 10 * time.Millisecond // from a message to its reply
	accountRoom = 32                    // requests at the account server at once, as of the Activator's server
	filesBase   = "http://192.0.2.1/phoneprovisioning"
)

// near is where requests come from: all are from behind the gateway.
var near = netip.MustParseAddr("127.0.0.1")

// newHidden returns what a scenario's gateway is, or nil where it has none.
func newHidden(devices *inventory.Inventory) (*hidden, error) {
	config := devices.Scenario.Gateway
	if config == nil {
		return nil, nil
	}
	settings := gateway.Defaults()
	settings.First, settings.Bits, settings.Router = netip.MustParseAddr("10.0.0.10"), 8, netip.MustParseAddr("10.0.0.1")
	settings.Last = netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, 10<<24+10+uint32(devices.Len()))))
	for _, line := range []string{
		"dhcp server tftp server 1 = " + filesBase,
		"dhcp server mac alert enabled 1 = yes", "dhcp server mac alert name 1 = PhoneProvisioning",
		"dhcp server mac alert address 1 = 0", "dhcp server mac alert mask 1 = 0", // matches each device (SMG-MAC-2)
		"dhcp server mac alert randomise tftp server name 1 = yes",
		"event forwarding discriminator entry class 1 = DHCP", "event forwarding discriminator entry target 1 = activator",
		"http client file server ip address = 192.0.2.1",
	} {
		if err := settings.Set(line); err != nil {
			return nil, err
		}
	}
	h := &hidden{
		config: config, places: make([]time.Duration, accountRoom), had: map[string]bool{}, asked: map[string]time.Duration{},
		gateway:   gateway.New(gateway.Config{Settings: settings, Random: gateway.Seeded(devices.Scenario.Seed)}),
		activator: activator.New(activator.Config{Life: config.Life}, nil),
	}
	clients := make([]dhcp.Client, devices.Len())
	for i := range clients {
		clients[i].As(devices.ModelOf(i).Personality, devices.Identity(i))
	}
	var err error
	h.agent, err = dhcp.NewAgent(h, devices.Scenario.Seed, clients)
	return h, err
}

// wall is an instant as the machines take it.
func wall(at time.Duration) time.Time { return time.Unix(0, 0).Add(at) }

// Hold is for wires that have addresses of their own.
func (h *hidden) Hold(*dhcp.Client, netip.Addr) {}

// Send takes a device's message to the gateway.
func (h *hidden) Send(c *dhcp.Client, m dhcp.Message) error {
	h.do(h.gateway.Packet(wall(h.driver.Now()), c.Packet(m), netip.AddrPortFrom(near, 68)))
	return nil
}

// do carries out what the gateway wants done.
func (h *hidden) do(acts []gateway.Action) {
	now := h.driver.Now()
	for _, a := range acts {
		switch a.Do {
		case gateway.Send:
			if reply, err := dhcp.Decode(a.Packet); err == nil { // the gateway's packets are good
				h.driver.Do(now+replyTime, func(time.Duration) { h.driver.Deliver(reply) })
			}
		case gateway.Post:
			h.post(now, a.Body)
		case gateway.Tell:
			if a.Record.Event == "event.dropped" {
				h.counts.Dropped++
			}
		}
	}
}

// post brings an event to the Activator, and the answer back.
func (h *hidden) post(now time.Duration, body string) {
	before := int(float64(h.events) * float64(h.config.Lost))
	h.events++
	answered := now + h.config.Delay + h.config.Event
	if int(float64(h.events)*float64(h.config.Lost)) > before {
		h.counts.Lost++
	} else {
		form, _ := url.ParseQuery(body) // the gateway's forms are good
		h.driver.Do(answered-h.config.Event/2, func(at time.Duration) {
			h.counts.Events++
			_, _, acts := h.activator.Event(wall(at), near, activator.ReadEvent(form))
			h.publish(at, acts)
		})
	}
	h.driver.Do(answered, func(at time.Duration) { h.do(h.gateway.Posted(wall(at), 0, 200, "")) })
}

// publish carries out what the Activator wants done.
func (h *hidden) publish(now time.Duration, acts []activator.Action) {
	for _, a := range acts {
		switch a.Do {
		case activator.Ask:
			place := slices.Index(h.places, slices.Min(h.places))
			h.places[place] = max(h.places[place], now) + h.config.Account
			h.driver.Do(h.places[place], func(at time.Duration) {
				h.publish(at, h.activator.Answered(wall(at), a.Number, a.MAC, &activator.Account{}, "", ""))
			})
		case activator.Publish:
			h.driver.Do(now+h.config.Publish, func(at time.Duration) {
				h.publish(at, h.activator.Published(wall(at), a.Number, a.MAC, nil))
				h.counts.Published++
				h.had[a.Number] = true
				if first, early := h.asked[a.Number]; early {
					delete(h.asked, a.Number)
					h.late.Record(at - first)
				}
			})
		}
	}
}

// has reports whether the Activator has what a device asks for below its number, or
// takes what the device puts there.
func (h *hidden) has(now time.Duration, req *device.Request) bool {
	number, name, _ := strings.Cut(strings.TrimPrefix(req.Path, "/phoneprovisioning/"), "/")
	if req.Method == device.Write {
		_, status, _ := h.activator.Put(wall(now), near, number, name)
		return status < 300
	}
	_, found, _ := h.activator.Get(wall(now), near, number, name)
	if _, early := h.asked[number]; !found && !early && !h.had[number] {
		h.asked[number] = now
		h.counts.Early++
	}
	return found
}

// count returns what has become of the leases and events.
func (h *hidden) count() *tally.Gateway {
	c := h.counts
	c.Leases = h.agent.Counts().Leases
	c.Never = uint64(len(h.asked))
	if h.late.Count() > 0 {
		late := tally.TimesOf("late", &h.late)
		c.Late = &late
	}
	return &c
}
