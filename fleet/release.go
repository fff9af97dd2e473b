package fleet

import (
	"maps"
	"slices"
	"strings"
	"time"

	"provsim/device"
	"provsim/encrypt"
	"provsim/fleet/inventory"
	"provsim/fleet/scenario"
	"provsim/internal/splitmix"
	"provsim/macro"
	"provsim/profile"
	"provsim/profile/rule"
	"provsim/resync"
)

// fileServer is what the modelled server has for each device at each instant: the
// trees of the devices' vendors, filled with what the scenario says.
type fileServer struct {
	devices *inventory.Inventory
	trees   []*tree // by vendor
	maker   fileMaker
	images  map[int64]*device.Reply // by size
}

// tree is what the server has for the devices of one vendor.
type tree struct {
	*device.Personality
	names    treeNames
	releases []release
}

// release is one version of the configuration that the server gives out.
type release struct {
	part       Part
	occurrence uint64
	at, over   time.Duration
	version    string
	config     profile.Config
	image      int64           // bytes of the firmware that goes with it
	replies    []*device.Reply // by file of the tree; nil: each device has its own, or there is none
}

func newFileServer(devices *inventory.Inventory) (*fileServer, error) {
	f := &fileServer{devices: devices, maker: newFileMaker(devices), images: map[int64]*device.Reply{}}
	for _, vendor := range devices.Vendors() {
		t := &tree{Personality: vendor, names: newTreeNames(vendor)}
		var err error
		if t.releases, err = releasesOf(devices.Scenario, vendor); err != nil {
			return nil, err
		}
		for i := range t.releases {
			if err := f.share(t, uint64(i)); err != nil {
				return nil, err
			}
		}
		f.trees = append(f.trees, t)
	}
	return f, nil
}

// share makes the files of a release that are the same for all devices.
func (f *fileServer) share(t *tree, number uint64) error {
	r := &t.releases[number]
	// The body is short whatever the image's size: the device looks at its first
	// bytes, and the tally at Bytes.
	f.images[r.image] = &device.Reply{Body: []byte("firmware"), Bytes: r.image}
	r.replies = make([]*device.Reply, len(t.Tree.Files))
	for i := range t.Tree.Files {
		file := &t.Tree.Files[i]
		if file.Missing || file.Class == device.ImageClass || !f.maker.shared(t.Tree, file) {
			continue
		}
		body, err := f.maker.file(t.Personality, file, r, nil, number)
		if err != nil {
			return err
		}
		r.replies[i] = &device.Reply{Body: body, Bytes: int64(len(body))}
	}
	return nil
}

// taken is what a device gets that uploads something: the modelled server takes it.
func taken(req *device.Request) *device.Reply {
	sent := &device.Reply{Outcome: resync.Sent}
	if req.Body != nil {
		sent.Bytes = int64(len(req.Body()))
	}
	return sent
}

// find returns the file that a device asks for, or why the server has no file for it.
// A post for a configuration is answered as a read.
func (f *fileServer) find(now time.Duration, i int, req *device.Request) (*device.Reply, resync.Outcome) {
	if req.Method == device.Write || req.Method == device.Post && req.Class != device.ConfigClass {
		return taken(req), resync.None
	}
	vendor := f.devices.Vendor(i)
	t := f.trees[vendor]
	number := t.names.find(f.devices, i, req)
	if number < 0 || t.Tree.Files[number].Missing {
		return nil, resync.NotFound
	}
	file, version := &t.Tree.Files[number], f.release(t.releases, now, i)
	r := &t.releases[version]
	missing := f.devices.Scenario.Configuration.Missing
	switch {
	case file.Class == device.ImageClass:
		return f.images[r.image], resync.None
	case missing > 0 && file.Own && f.devices.Draw(i, inventory.DrawMissing, 0).Unit() < float64(missing):
		return nil, resync.NotFound
	case r.replies[number] != nil:
		return r.replies[number], resync.None
	}
	body, err := f.maker.file(t.Personality, file, r, f.devices.Vars(i, f.devices.Lease(i)), uint64(f.devices.Number(i))<<16|uint64(version))
	if err != nil { // the file of the first release would have failed too
		return nil, resync.NotFound
	}
	return &device.Reply{Body: body, Bytes: int64(len(body))}, resync.None
}

// release returns the number of the release that a device gets at an instant.
func (f *fileServer) release(releases []release, now time.Duration, i int) int {
	for k := len(releases) - 1; k > 0; k-- {
		r := &releases[k]
		if now < r.at || now < r.at+r.over && now < r.at+f.devices.Draw(i, inventory.DrawInstant, r.occurrence).Spread(r.over) {
			continue
		}
		if f.devices.Has(r.part, r.occurrence, i) {
			return k
		}
	}
	return 0
}

// releasesOf returns the versions for a vendor's devices in the order of their events.
// Each has the settings of all before it.
func releasesOf(s *Scenario, vendor *device.Personality) ([]release, error) {
	config, err := scenario.Apply(vendor, profile.Config{}, s.Configuration.Settings)
	if err != nil {
		return nil, err
	}
	first := release{image: scenario.DefaultFirmwareSize}
	if err := first.versioned(vendor, config, s.Configuration.Version); err != nil {
		return nil, err
	}
	list := []release{first}
	for i := range s.Events {
		e := &s.Events[i]
		for k, at := range e.Occurrences(s.Duration) {
			next, ok, err := list[len(list)-1].next(vendor, e, k)
			if err != nil {
				return nil, err
			}
			if ok {
				next.at, next.occurrence = at, occurrence(i, k)
				list = append(list, next)
			}
		}
	}
	return list, nil
}

// next returns what an event makes of a release, and false for an event that makes
// none.
func (r *release) next(vendor *device.Personality, e *Event, cycle int) (next release, ok bool, err error) {
	next.image = r.image
	version, set := "", map[string]string(nil)
	switch {
	case e.Rollout != nil:
		next.part, next.over, version, set = e.Rollout.Part, e.Rollout.Over, e.Rollout.Version, e.Rollout.Settings
	case e.Firmware != nil:
		f := e.Firmware
		next.part, next.over, version, next.image = f.Part, f.Over, f.Version, f.Size
		rule, _, _ := vendor.Expand("upgrade-rule", f.Rule)
		set = map[string]string{}
		for _, s := range rule {
			set[s.Name] = s.Value
		}
	default:
		return next, false, nil
	}
	config, err := scenario.Apply(vendor, r.config, set)
	if err != nil {
		return next, false, err
	}
	if counted, ok := scenario.NextVersion(version, cycle); ok {
		version = counted
	}
	return next, true, next.versioned(vendor, config, version)
}

// versioned gives a release its settings and its version, which is a setting where
// the vendor has one for it.
func (r *release) versioned(vendor *device.Personality, config profile.Config, version string) (err error) {
	r.version, r.config = version, config
	if p, ok := vendor.Parameters.First(profile.Version); ok {
		r.config, err = config.With(p.Name, version)
	}
	return err
}

// fileMaker makes files of configurations.
type fileMaker struct {
	cipher    encrypt.Cipher
	key       string           // with macros; empty: files are plain
	perDevice []device.Setting // by name
	size      int
}

func newFileMaker(devices *inventory.Inventory) fileMaker {
	c := &devices.Scenario.Configuration
	m := fileMaker{cipher: devices.Model.Cipher, size: c.Size}
	for _, name := range slices.Sorted(maps.Keys(c.PerDevice)) {
		m.perDevice = append(m.perDevice, device.Setting{Name: name, Value: c.PerDevice[name]})
	}
	if c.Plain {
		return m
	}
	m.key = c.Key
	if rule, err := rule.Parse(devices.Scenario.Population.ProfileRule); m.key == "" && err == nil {
		m.key = rule.Key
	}
	return m
}

// shared reports whether all devices get the same file.
func (m *fileMaker) shared(t *device.Tree, f *device.TreeFile) bool {
	return (!f.Own || len(m.perDevice) == 0) && !(t.Sealed && strings.Contains(m.key, "$"))
}

// file returns the file for one device, or for all, where vars is nil. The salt of an
// encrypted file need not be secret, but must be the same in each run.
func (m *fileMaker) file(p *device.Personality, f *device.TreeFile, r *release, vars macro.Vars, salt uint64) ([]byte, error) {
	config, own := profile.Config{}, []device.Setting(nil)
	if f.Common {
		config = r.config
	}
	if f.Own && vars != nil {
		own = p.Own(m.perDevice, vars)
	}
	body := p.Tree.Pad(p.Tree.File(f, r.version, config, own), m.size)
	if m.key == "" || !p.Tree.Sealed {
		return body, nil
	}
	var entropy encrypt.Entropy
	for i := range entropy {
		entropy[i] = byte(splitmix.Mix(salt+uint64(i)) >> 56)
	}
	return m.cipher.Encrypt(nil, body, macro.Expand(m.key, vars, p.Macros(nil)), entropy)
}
