package fleet

import (
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/profile"
	"provsim/resync"
)

// The server gives each device the version that has been rolled out to it.
func TestReleases(t *testing.T) {
	s := parse(t, `
devices: 1000
population: {profile-rule: "[--key $MA] http://h/x"}
configuration: {version: 10, settings: {Resync Periodic: 60}, per-device: {DBID_SIP_ACCOUNT: "u$MA"}, size: 500}
events:
  - {at: 1h, every: 1h, times: 2, rollout: {version: 20, devices: 40%, over: 30m, settings: {Resync Periodic: 120}}}
  - {at: 5h, firmware: {version: z, rule: "http://h/$PN-9.bin", size: 1000}}
`)
	c := inventoryOf(t, s)
	f, err := newFileServer(c)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(now time.Duration, n int) profile.Config {
		reply, outcome := f.find(now, n, &device.Request{Limit: c.Model.ConfigLimit})
		if outcome != 0 {
			t.Fatal(outcome)
		}
		plain, err := c.Model.Cipher.Decrypt(nil, reply.Body, c.MAC(n).String())
		if err != nil {
			t.Fatal(err)
		}
		config, err := vendors.Default().Parse(plain)
		if err != nil || len(config.Bad()) > 0 || len(plain) != 500 {
			t.Fatalf("file of %d bytes with bad lines %v: %v", len(plain), config.Bad(), err)
		}
		if account, _ := config.Get("DBID_SIP_ACCOUNT"); account != "u"+c.MAC(n).String() {
			t.Fatalf("device %d gets the account %q", n, account)
		}
		return config
	}
	versions := func(now time.Duration) map[string]int {
		found := map[string]int{}
		for n := range 200 {
			version, _ := ask(now, n).Get("DBID_DBASE_VERSION")
			found[version]++
		}
		return found
	}
	if v := versions(time.Hour - 1); v["10"] != 200 {
		t.Errorf("before the rollout: %v", v)
	}
	if v := versions(75 * time.Minute); v["20"] < 20 || v["20"] > 60 || v["10"]+v["20"] != 200 {
		t.Errorf("in the middle of the rollout: %v, want about 40 of version 20", v)
	}
	if v := versions(4 * time.Hour); v["21"] < 60 || v["21"] > 100 || v["20"] == 0 || v["10"] == 0 {
		t.Errorf("after both: %v, want about 80 of version 21 and some of the others", v)
	}
	last := ask(5*time.Hour, 3)
	for name, want := range map[string]string{"DBID_DBASE_VERSION": "z", "DBID_RESYNC_PERIODIC": "120", "DBID_UPGRADE_RULE": "http://h/$PN-9.bin"} {
		if got, _ := last.Get(name); got != want {
			t.Errorf("in the end %s is %q, want %q", name, got, want)
		}
	}
	if image, _ := f.find(5*time.Hour, 3, &device.Request{Job: resync.Upgrade, Class: device.ImageClass}); image.Bytes != 1000 {
		t.Errorf("the image has %d bytes, want 1000", image.Bytes)
	}
}
