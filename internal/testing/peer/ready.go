package peer

import (
	"context"
	"net"
	"testing"
	"time"
)

// Patience is how long a program may take to start or to end, and a fetch to
// succeed. It is far longer than they need, so that busy machines pass too.
const Patience = 20 * time.Second

// Await tries until an attempt succeeds, for three times [Patience]. Only Await polls: a
// server does not say when it is ready or when a line is in its log.
func Await(t testing.TB, what string, try func(context.Context) error) {
	t.Helper()
	const patience = 3 * Patience
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("waited %v for %s: %v", patience, what, err)
		}
	}
}

// Listens returns what [Start] takes for ready: all TCP addresses are open.
func Listens(addresses ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, address := range addresses {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
			if err != nil {
				return err
			}
			conn.Close()
		}
		return nil
	}
}

// AnswersTFTP returns what [Start] takes for ready: a TFTP server answers. It asks
// for a file that does not exist, so that no transfer stays open. It does not use
// the client under test, whose faults would look like a server's.
func AnswersTFTP(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		to, err := net.ResolveUDPAddr("udp4", address)
		if err != nil {
			return err
		}
		conn, err := net.ListenPacket("udp4", ":0")
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.WriteTo([]byte("\x00\x01is-anybody-there\x00octet\x00"), to); err != nil {
			return err
		}
		conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		_, _, err = conn.ReadFrom(make([]byte, 600))
		return err
	}
}
