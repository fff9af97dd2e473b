// Package phone is the web page of one phone: what it does, its Provision page,
// its certificates and firmware, its lines, and its journal.
//
// [New] makes a [Page] and listens. The page is a [journal.Sink] of the run that
// the phone is in, and [Page.Attach] gives it the run's driver:
//
//	page, err := phone.New(phone.Config{Address: "127.0.0.1:8000", …}, d)
//	driver := run.New(run.Config{Journal: journal.Tee(page, …), …}, …)
//	page.Attach(driver)
//
// # One goroutine owns the phone
//
// The page never touches the device. Between two steps the driver copies what a page
// shows, and carries out the person's commands. It never waits for a browser: a page that
// no browser reads is dropped.
//
// # Reboots
//
// From the beginning of a reboot to the start of the firmware the port is closed,
// and all sessions end, as on a real phone.
//
// # Secrets
//
// Keys and passwords are shown as stars, and a field that still shows the stars
// when it is saved keeps what is stored. A private key never leaves the phone. The
// configuration file that an administrator downloads holds the passwords, because
// it restores the phone.
package phone
