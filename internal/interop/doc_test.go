// Package interop tests the fetchers and a whole phone against the servers that
// administrators really run: nginx and Apache for HTTP and HTTPS, tftpd-hpa,
// atftpd and dnsmasq for TFTP, Kea, ISC dhcpd and dnsmasq for DHCP, all as Debian
// ships them. It holds tests only.
//
// Each server has a file with two parts: how it is started, and a table of what
// a phone gets from it, with the outcome word for each failure (FV-OUT-1). The words
// differ between servers, as in the example of FV-OUT-2, so there is no common table.
// web_test.go and tftp_test.go work through the tables; phone_test.go boots a whole
// phone in front of each server.
//
// The phone's own web page is tested with Chromium in front of the same servers:
// procedure_test.go does the guide's procedures click by click, axe_test.go checks
// that the pages are accessible, and screens_test.go makes pictures of them.
//
// # Where the servers come from
//
// A server that is not installed is skipped, with the name of its Debian
// package. tftpd-hpa cannot be installed beside atftpd, so its program in.tftpd
// is also looked for in the file that $PROVSIM_TFTPD_HPA names, and where
//
//	apt-get download tftpd-hpa && dpkg -x tftpd-hpa_*.deb .cache/tftpd-hpa
//
// puts it below the top of the checkout. The TFTP servers want to be started by
// root, in order to give up their rights or to have port 69, and are skipped
// otherwise. Package peer starts and ends them all, on loopback addresses of
// their own or, for DHCP, in network namespaces.
package interop
