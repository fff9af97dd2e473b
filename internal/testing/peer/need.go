package peer

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Find returns where a program is, or skips the test.
func Find(t testing.TB, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("needs the program %s, Debian package %s", name, pkg)
	}
	return path
}

// FindHPA returns where tftpd-hpa's in.tftpd is, or skips the test. Debian's package
// of it cannot be installed beside atftpd, so FindHPA also looks in
// $PROVSIM_TFTPD_HPA, and where .ci/servers unpacks it.
func FindHPA(t testing.TB) string {
	t.Helper()
	places := []string{os.Getenv("PROVSIM_TFTPD_HPA"), "in.tftpd"}
	for up := "../"; len(up) < len("../../../../"); up += "../" {
		places = append(places, up+".cache/tftpd-hpa/usr/sbin/in.tftpd")
	}
	for _, path := range places {
		// Debian's atftpd is called in.tftpd as well, so the program is asked.
		if out, _ := exec.Command(path, "-V").CombinedOutput(); strings.HasPrefix(string(out), "tftp-hpa") {
			return path
		}
	}
	t.Skip("needs the program in.tftpd of the Debian package tftpd-hpa")
	return ""
}

// NeedRoot skips the test where it does not run as root; why says what needs root.
func NeedRoot(t testing.TB, why string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: " + why)
	}
}
