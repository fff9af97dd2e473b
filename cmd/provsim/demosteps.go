package main

import (
	"fmt"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/lab"
	"provsim/profile"
	"provsim/resync"
)

// samples are the files that a lab serves for one device.
type samples struct {
	lab     *lab.Lab
	mac     device.MAC
	product string
}

// The keys of the demo: the one that the phone has, and a wrong one.
const demoKey, otherKey = "123456", "654321"

// phone returns a new phone, with the lab's
// certificates uploaded and all its delays shortened.
func (s *samples) phone() (*device.Device, error) {
	m := device.NewModel(vendors.Default(), defaultCipher())
	m.Epoch, m.BootTime, m.Seed = time.Now(), time.Second, randomSeed()
	var config profile.Config
	for name, value := range map[string]string{
		"Resync Random Delay": "1", "Resync Periodic": "1", "Resync Error Retry Delay": "1", "Forced Resync Delay": "0",
	} {
		var err error
		if config, err = set(m, config, "demo", name, value); err != nil {
			return nil, err
		}
	}
	cert, key, err := s.lab.CA.Issue(lab.Client(s.mac, s.product))
	if err != nil {
		return nil, err
	}
	id := m.Personality.Shipped
	id.MAC, id.Serial = s.mac, m.Personality.Serial(s.mac)
	return device.New(m, id, &device.Stored{
		Config:       config,
		Certificates: &device.Certificates{CA: s.lab.CA.PEM(), Cert: cert, Key: key},
	}), nil
}

// file returns a configuration for the phone.
func (s *samples) file(version int, settings ...string) []byte {
	return vendors.Default().Tree.Example(device.Identity{MAC: s.mac, Product: s.product}, version, settings...)
}

// withKey encrypts a configuration.
func withKey(text []byte, key string) ([]byte, error) {
	var entropy encrypt.Entropy
	copy(entropy[:], "provsim demo")
	return defaultCipher().Encrypt(nil, text, key, entropy)
}

// steps returns the steps of the demo.
func (s *samples) steps() ([]demoStep, error) {
	var (
		first     = s.product + ".conf"
		overHTTP  = "fv" + s.mac.Upper() + ".conf"
		encrypted = "fv" + s.mac.Upper() + "-enc.conf"
		image     = s.product + "-v3.4.0.bin"
		rule      = fmt.Sprintf("DBID_PROFILE_RULE=[--key %s] %s", demoKey, s.lab.URL("https", "fv$(MAU)-enc.conf"))
		upgrade   = "DBID_UPGRADE_RULE=" + s.lab.URL("http", image)
		firmware  = vendors.Default().Image(s.product, "v3.4.0", make([]byte, 100_000))
	)
	good, err := withKey(s.file(4, rule), demoKey)
	if err != nil {
		return nil, err
	}
	wrong, err := withKey(s.file(5, rule), otherKey)
	if err != nil {
		return nil, err
	}
	withUpgrade, err := withKey(s.file(5, rule, upgrade), demoKey)
	if err != nil {
		return nil, err
	}
	put := func(name string, body []byte) func() {
		return func() { s.lab.Files.Put(name, body) }
	}
	return []demoStep{{
		title:   "1. A lease names a TFTP server in option 66, which has a configuration",
		prepare: put(first, s.file(1)),
		ends:    stored("1"),
		result:  "version 1 differs from none: it is stored, and the phone reboots by itself",
	}, {
		title:   "2. The phone comes back and asks again",
		prepare: func() {},
		ends:    outcome(resync.Unchanged),
		result:  "no resync at this boot, because a configuration caused it; the periodic one finds the same version",
	}, {
		title: "3. A new version turns Option 66 off and gives a Profile Rule over HTTP",
		prepare: func() {
			s.lab.Files.Put(overHTTP, s.file(3, "DBID_PRV_OPTION66_ENABLED=0", rule))
			s.lab.Files.Put(first, s.file(2, "DBID_PRV_OPTION66_ENABLED=0", "DBID_PROFILE_RULE="+s.lab.URL("http", "fv$(MAU).conf")))
		},
		ends:   stored("3"),
		result: "fetched over HTTP; its rule in turn leads to HTTPS, with a key",
	}, {
		title:   "4. An encrypted profile over HTTPS, with the phone's client certificate",
		prepare: put(encrypted, good),
		ends:    stored("4"),
		result:  "the server knew the phone by its certificate, and the key opened the file",
	}, {
		title:   "5. The next version is encrypted with another key",
		prepare: put(encrypted, wrong),
		ends:    outcome(resync.BadKey),
		result:  "a failure: the phone keeps its settings and tries again",
	}, {
		title: "6. The right key again, and a rule to upgrade the firmware",
		prepare: func() {
			s.lab.Files.Put(image, firmware)
			s.lab.Files.Put(encrypted, withUpgrade)
		},
		ends:   func(r *journal.Record) bool { return r.Kind == device.Rebooting && r.Cause == resync.Firmware },
		result: "the new firmware is stored, and the phone reboots with it",
	}, {
		title:   "7. After the upgrade the phone resyncs",
		prepare: func() {},
		ends:    outcome(resync.Unchanged),
		result:  "nothing has changed, and all is well",
	}}, nil
}

// outcome reports whether a record ends a resync with an outcome.
func outcome(o resync.Outcome) func(*journal.Record) bool {
	return func(r *journal.Record) bool { return r.Kind == device.ResyncDone && r.Outcome == o }
}

// stored reports whether a record is the reboot that follows when a version has
// been stored.
func stored(version string) func(*journal.Record) bool {
	applied := false
	return func(r *journal.Record) bool {
		applied = applied || r.Kind == device.AppliedFile && r.Version == version
		return applied && r.Kind == device.Rebooting
	}
}
