//go:build linux

package realservers

import (
	"cmp"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
	"provsim/internal/lab"
)

// BenchmarkCheck examines a healthy setup with all servers, as `provsim check` does:
// once without permissions, and once with --allow heavy,destructive. It logs what took
// longest.
func BenchmarkCheck(b *testing.B) {
	for _, setup := range []struct {
		name  string
		start func(testing.TB) check.Target
	}{
		{"lab", startLab},
		{"nginx+tftpd-hpa", startReal},
	} {
		for _, allow := range []check.Allow{{}, {Heavy: true, Destructive: true}} {
			b.Run(fmt.Sprintf("setup=%s/heavy=%v", setup.name, allow.Heavy), func(b *testing.B) {
				target := setup.start(b)
				used := processorTime(b)
				for b.Loop() {
					report, err := conform.Examine(b.Context(), target, conform.Options{Allow: allow})
					if err != nil {
						b.Fatal(err)
					}
					logSlowest(b, report)
				}
				b.ReportMetric((processorTime(b)-used).Seconds()/float64(b.N), "cpu-sec/op")
			})
		}
	}
}

// startLab starts the lab, which has all servers.
func startLab(t testing.TB) check.Target {
	l := leasingLab(t)
	files := goodserver.New(t)
	for name, body := range files.Files {
		l.Files.Put(name, body)
	}
	target := check.Target{CA: l.CA.PEM(), HTTP: l.URL("http", "/"), HTTPS: l.URL("https", "/")}
	for _, phone := range files.Phones {
		cert, key, err := l.CA.Issue(lab.Client(phone.MAC, "IP542N"))
		if err != nil {
			t.Fatal(err)
		}
		target.Phones = append(target.Phones, check.Phone{MAC: phone.MAC, Certificate: check.Certificate{Cert: cert, Key: key}})
	}
	target.TFTP = check.TFTP{Server: l.Addr("tftp").String(), Empty: goodserver.Empty, Large: goodserver.Large, Text: goodserver.Text}
	target.ProfileRule, target.UpgradeRule = l.URL("https", goodserver.Rule), l.URL("http", goodserver.Firmware)
	return leasedBy(l, target)
}

// startReal starts nginx and tftpd-hpa as they are advised. The lab has the DHCP server.
func startReal(t testing.TB) check.Target {
	web, tftp := nginx.setups[2], hpa.setups[0]
	target, _ := web.start(t, nginx.find(t))
	byTFTP, _ := tftp.start(t, hpa.find(t))
	target.TFTP = byTFTP.TFTP
	return leasedBy(leasingLab(t), target)
}

func leasingLab(t testing.TB) *lab.Lab {
	l, err := lab.Start(lab.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// leasedBy returns the target with a lab's DHCP server.
func leasedBy(l *lab.Lab, target check.Target) check.Target {
	target.DHCP = check.DHCP{Relay: l.Addr("dhcp").String(), Listen: "127.0.0.1:0"}
	target.Policy.Access = check.ByCertificate
	return target
}

// logSlowest says what a report is about, and which checks took longest.
func logSlowest(b *testing.B, report *conform.Report) {
	b.Logf("%.2f s: %d checks, %d passed, %d failed, %d errors", report.Took.Seconds(), len(report.Results),
		report.Count(check.Passed), report.Count(check.Failed), report.Count(check.Errored))
	slices.SortFunc(report.Results, func(a, b conform.Result) int { return cmp.Compare(b.Took, a.Took) })
	for _, r := range report.Results[:12] {
		b.Logf("%-9s %v began %5.2f s, took %.2f s: %s", r.Check.ID, r.Verdict, r.Began.Seconds(), r.Took.Seconds(), r.Check.Title)
	}
}

// processorTime returns what this process has used, which are the checks and the lab.
func processorTime(t testing.TB) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
