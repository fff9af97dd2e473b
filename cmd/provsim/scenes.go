package main

import (
	"fmt"
	"time"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/lab"
	"provsim/profile"
	"provsim/resync"
)

// stage is what the scenes of the demo have in common.
type stage struct {
	lab     *lab.Lab
	mac     device.MAC
	product string
}

// The keys of the demo: the one that the phone has, and a wrong one.
const demoKey, otherKey = "123456", "654321"

// phone returns the phone as it comes out of the box, with the lab's
// certificates uploaded and all its delays shortened.
func (s *stage) phone() (*device.Device, error) {
	m := device.NewModel(&flyingvoice.Personality, defaultCipher())
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
func (s *stage) file(version int, settings ...string) []byte {
	return lab.Sample{MAC: s.mac, Product: s.product, Version: version, Settings: settings}.Text()
}

// seal encrypts a configuration.
func seal(text []byte, key string) ([]byte, error) {
	var entropy encrypt.Entropy
	copy(entropy[:], "provsim demo")
	return defaultCipher().Seal(nil, text, key, entropy)
}

// scenes returns the story of one phone.
func (s *stage) scenes() ([]scene, error) {
	var (
		first     = s.product + ".conf"
		overHTTP  = "fv" + s.mac.Upper() + ".conf"
		encrypted = "fv" + s.mac.Upper() + "-enc.conf"
		image     = s.product + "-v3.4.0.bin"
		rule      = fmt.Sprintf("DBID_PROFILE_RULE=[--key %s] %s", demoKey, s.lab.URL("https", "fv$(MAU)-enc.conf"))
		upgrade   = "DBID_UPGRADE_RULE=" + s.lab.URL("http", image)
		firmware  = flyingvoice.SealImage(flyingvoice.Image{Product: s.product, Version: "v3.4.0"}, make([]byte, 100_000))
	)
	good, err := seal(s.file(4, rule), demoKey)
	if err != nil {
		return nil, err
	}
	wrong, err := seal(s.file(5, rule), otherKey)
	if err != nil {
		return nil, err
	}
	withUpgrade, err := seal(s.file(5, rule, upgrade), demoKey)
	if err != nil {
		return nil, err
	}
	put := func(name string, body []byte) func() {
		return func() { s.lab.Files.Put(name, body) }
	}
	return []scene{{
		title: "1. A lease names a TFTP server in option 66, which has a configuration",
		acts:  put(first, s.file(1)),
		ends:  stored("1"),
		moral: "version 1 differs from none: it is stored, and the phone reboots by itself",
	}, {
		title: "2. The phone comes back and asks again",
		acts:  func() {},
		ends:  outcome(resync.Unchanged),
		moral: "no resync at this boot, because a configuration caused it; the periodic one finds the same version",
	}, {
		title: "3. A new version turns Option 66 off and gives a Profile Rule over HTTP",
		acts: func() {
			s.lab.Files.Put(overHTTP, s.file(3, "DBID_PRV_OPTION66_ENABLED=0", rule))
			s.lab.Files.Put(first, s.file(2, "DBID_PRV_OPTION66_ENABLED=0", "DBID_PROFILE_RULE="+s.lab.URL("http", "fv$(MAU).conf")))
		},
		ends:  stored("3"),
		moral: "fetched over HTTP; its rule in turn leads to HTTPS, with a key",
	}, {
		title: "4. An encrypted profile over HTTPS, with the phone's client certificate",
		acts:  put(encrypted, good),
		ends:  stored("4"),
		moral: "the server knew the phone by its certificate, and the key opened the file",
	}, {
		title: "5. Somebody encrypts the next version with another key",
		acts:  put(encrypted, wrong),
		ends:  outcome(resync.BadKey),
		moral: "a failure: the phone keeps its settings and tries again",
	}, {
		title: "6. The right key again, and a rule to upgrade the firmware",
		acts: func() {
			s.lab.Files.Put(image, firmware)
			s.lab.Files.Put(encrypted, withUpgrade)
		},
		ends:  func(r *journal.Record) bool { return r.Kind == device.Rebooting && r.Cause == resync.Firmware },
		moral: "the new firmware is stored, and the phone reboots with it",
	}, {
		title: "7. After the upgrade the phone resyncs",
		acts:  func() {},
		ends:  outcome(resync.Unchanged),
		moral: "nothing has changed, and all is well",
	}}, nil
}

// outcome tells the end of a resync.
func outcome(o resync.Outcome) func(*journal.Record) bool {
	return func(r *journal.Record) bool { return r.Kind == device.ResyncDone && r.Outcome == o }
}

// stored tells the reboot that follows when a version has been stored.
func stored(version string) func(*journal.Record) bool {
	applied := false
	return func(r *journal.Record) bool {
		applied = applied || r.Kind == device.AppliedFile && r.Version == version
		return applied && r.Kind == device.Rebooting
	}
}
