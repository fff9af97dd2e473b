//go:build linux

package dhcp_test

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

// cable makes two namespaces with a cable between them: servers are at
// 10.66.0.1, phones at 10.66.0.2.
func cable(t *testing.T) (servers, phones string) {
	t.Helper()
	name := fmt.Sprintf("provsim-%08x", rand.Uint32())
	servers, phones = name+"-servers", name+"-phones"
	for _, ns := range []string{servers, phones} {
		if output, err := exec.Command("ip", "netns", "add", ns).CombinedOutput(); err != nil {
			t.Skipf("needs the right to make network namespaces: %s", output)
		}
		t.Cleanup(func() { ip(t, "netns delete "+ns) })
	}
	ip(t, "link add srv netns "+servers+" type veth peer name cli netns "+phones)
	ip(t, "-n "+servers+" address add 10.66.0.1/16 dev srv")
	ip(t, "-n "+phones+" address add 10.66.0.2/16 dev cli")
	ip(t, "-n "+servers+" link set srv up")
	ip(t, "-n "+phones+" link set cli up")
	return servers, phones
}

func ip(t *testing.T, line string) {
	t.Helper()
	if output, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", line, err, output)
	}
}
