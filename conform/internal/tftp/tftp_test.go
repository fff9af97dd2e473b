package tftp_test

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	group "provsim/conform/internal/tftp"
	"provsim/internal/fetch/tftp"
)

// TestMain lets more tests wait at the same time than there are processors: the
// mutants' time is spent in waiting for packets that do not come.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestProof(t *testing.T) {
	proof.Prove(t, group.Checks(), good,
		readMutants, blocksMutants, modeMutants, grantedMutants, ignoredMutants, optionValueMutants, timingMutants,
		windowMutants, tidMutants, lossMutants, ackMutants, crowdMutants, safetyMutants, errorMutants, malformedMutants)
}

func good(t testing.TB) check.Target { return served(t, tftpd.Faults{}) }

// mutant is a good server with faults.
func mutant(faults tftpd.Faults) func(testing.TB) check.Target {
	return func(t testing.TB) check.Target { return served(t, faults) }
}

func served(t testing.TB, faults tftpd.Faults) check.Target {
	s := goodserver.New(t)
	// Several blocks of 512 bytes, the last one short, as a real configuration has.
	path := goodserver.Path(s.Phones[0].MAC)
	s.Files[path] = append(s.Files[path], bytes.Repeat([]byte("# of no meaning\n"), 80)...)[:1205]
	// So long that no repetition comes between on a busy machine.
	server := &tftpd.Server{Files: s.Files, Faults: faults, Retransmit: 600 * time.Millisecond}
	target := s.Target()
	target.TFTP = check.TFTP{Server: server.Start(t), Empty: goodserver.Empty, Large: goodserver.Large, Text: goodserver.Text}
	target.ProfileRule = "tftp://" + target.TFTP.Server + goodserver.Rule
	return target
}

// sending is a fault of single packets: what is sent in place of one that the
// condition is true of.
func sending(where func(*tftpd.Request, tftp.Packet) bool, instead ...tftp.Packet) func(*tftpd.Request, tftp.Packet) []tftp.Packet {
	return func(r *tftpd.Request, p tftp.Packet) []tftp.Packet {
		if where(r, p) {
			return instead
		}
		return []tftp.Packet{p}
	}
}

// asks reports whether a request has an option of that name, as it is written.
func asks(r *tftpd.Request, name string) bool {
	return slices.ContainsFunc(r.Options, func(o tftp.Option) bool { return o.Name == name })
}

// except leaves out an option, whatever case its name is in.
func except(name string) func(asked, agreed []tftp.Option) []tftp.Option {
	return func(_, agreed []tftp.Option) []tftp.Option {
		return slices.DeleteFunc(agreed, func(o tftp.Option) bool { return strings.EqualFold(o.Name, name) })
	}
}

// granting answers one value of an option with another, and keeps to it.
func granting(name, asked, granted string) func(asked, agreed []tftp.Option) []tftp.Option {
	return func(all, agreed []tftp.Option) []tftp.Option {
		if !slices.Contains(all, tftp.Option{Name: name, Value: asked}) {
			return agreed
		}
		return append(except(name)(all, agreed), tftp.Option{Name: name, Value: granted})
	}
}
