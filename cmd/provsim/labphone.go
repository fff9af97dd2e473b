package main

import (
	"time"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/internal/journal"
	"provsim/internal/lab"
	"provsim/internal/run"
	"provsim/internal/sched"
)

// labBootTime is how long the lab's phone reboots: one waits for it in front of a
// browser.
const labBootTime = 5 * time.Second

// startPhone switches on the lab's phone, where its web page is asked for. Its lease
// is from the lab's DHCP server. The channel brings the error by which the run ends,
// the context's included; it is nil where there is no phone.
func (c *labRun) startPhone(e *env, l *lab.Lab, id device.Identity) (<-chan error, error) {
	if c.address == "" {
		return nil, nil
	}
	m := device.NewModel(&flyingvoice.Personality, defaultCipher())
	m.Epoch, m.BootTime, m.Seed = time.Now(), labBootTime, randomSeed()
	d := device.New(m, id, nil)
	page, err := c.webFlags.open(e, d)
	if err != nil {
		return nil, err
	}
	lease := leaseFlags{relay: l.Addr("dhcp").String(), listen: "127.0.0.1:0"}
	leaser, err := lease.open(m.Seed, id.MAC)
	if err != nil {
		page.close()
		return nil, err
	}
	driver := run.New(run.Config{
		Clock: sched.NewReal(m.Epoch), Network: wire(), Journal: journal.Tee(page.sinks()...), Epoch: m.Epoch, DHCP: leaser.agent,
	}, []device.Device{*d})
	leaser.listen(driver)
	page.attach(driver)
	driver.Tell(0, device.Input{Kind: device.PowerOn})
	ended := make(chan error, 1)
	go func() {
		err := driver.Run(e.ctx, sched.Never)
		page.close()
		leaser.close()
		ended <- err
	}()
	return ended, nil
}
