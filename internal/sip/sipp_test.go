package sip

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// SIPp sends a NOTIFY and fails unless it is answered as the scenario wants it.
func TestSIPp(t *testing.T) {
	program, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("sipp is missing: install the Debian package sip-tester")
	}
	account := func(user string) (*Account, bool) { return &Account{user, "secret"}, true }
	tests := []struct {
		scenario, event string
		from            func(string) (*Account, bool)
		want            Request
	}{
		{"notify.xml", "resync", nil, Resync},
		{"notify.xml", "check-sync", nil, Resync},
		{"notify.xml", "check-sync;reboot=true", nil, Reboot},
		{"notify-digest.xml", "", account, Resync},
	}
	for _, tt := range tests {
		t.Run(tt.scenario+" "+tt.event, func(t *testing.T) {
			scenario, err := filepath.Abs(filepath.Join("testdata", tt.scenario))
			if err != nil {
				t.Fatal(err)
			}
			conn, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			var acts []Request
			ended := make(chan error)
			go func() {
				ended <- Serve(ctx, conn, Handlers{Act: func(r Request) { acts = append(acts, r) }, From: tt.from})
			}()

			sipp := exec.CommandContext(ctx, program, conn.LocalAddr().String(), "-sf", scenario, "-i", "127.0.0.1", "-m", "1",
				"-nostdin", "-timeout", "10", "-timeout_error", "-key", "event", tt.event, "-key", "user", "ann")
			sipp.Dir = t.TempDir() // where it would write its logs
			if out, err := sipp.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			cancel()
			<-ended
			if !slices.Equal(acts, []Request{tt.want}) {
				t.Errorf("the phone was asked for %v, want %v alone", acts, tt.want)
			}
		})
	}
}
