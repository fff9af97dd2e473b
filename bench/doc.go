// Package bench measures provsim beside the programs that do the same work, as Go
// benchmarks. The script bench/run builds what they need, runs them in rounds, so
// that the tools take turns and a machine that slows down slows all of them, and
// compares the tools with benchstat:
//
//	bench/run                 all but the soaks, in about 40 minutes
//	bench/run machine         what the figures were measured on
//	bench/run packages        the benchmarks of provsim's packages
//	bench/run Check           provsim check on healthy setups with all servers: the lab, and
//	                          nginx with tftpd-hpa; go test -v names the longest checks
//	bench/run Cipher          encrypt and decrypt beside openssl
//	bench/run TFTP            the TFTP client beside tftp, atftp and curl
//	bench/run DHCP            DHCP clients behind a relay agent beside perfdhcp; needs root
//	bench/run Gateway         the gateway beside provsim's DHCP server, events, and the Activator beside nginx
//	bench/run GatewayPhones   1,000 phones that boot through the gateway on the wall clock
//	bench/run Learn           learning from a log beside goaccess and awk
//	bench/run LearnMemory     the memory of learning from logs of 500,000 phones, of 0.5 to
//	                          2 GB, or GB
//	bench/run Plan            plans in virtual time, of 10,000 to a million phones
//	bench/run idle            a million phones that wait
//	bench/run FleetHTTP       phones beside wrk, ab and vegeta
//	bench/run FleetHTTPS      the same with a client certificate for each phone
//	bench/run FleetTFTP       phones beside pin/tftp and sockets alone; needs root for port 69
//	bench/run FleetDashboard  a fleet with an open dashboard beside one without
//	bench/run Manager         a Device Manager: keep-alives, files beside nginx, and an Agent
//	                          with 3,000 phones
//	bench/run Tunnel          a MiB through a tunnel beside HTTPS, handshakes beside openssl
//	                          s_time, and idle tunnels, 9,900 or TUNNELS
//	bench/run TunnelStorm     1,000 tunnels over TLS whose server is killed for 10 s and for 60 s
//	bench/run TunnelSoak      200 tunnels, all services and a server with faults, as Soak
//	bench/run Punctual        how late the resyncs of 10,000 phones start, a thousand a second
//	bench/run PowerCut        50,000 phones that are switched on at once, over HTTP and TFTP, and
//	                          10,000 of the vendor whose boot takes the most transfers
//	bench/run Soak            20,000 phones and a server with faults for ten minutes, or for
//	                          SOAK; fails where the process grows, and from an hour on where
//	                          its memory grows by 1 % in the second half
//
// ROUNDS is the number of rounds, 7 by default.
//
// Every file that is fetched is compared with the server's outside the measured
// time. A benchmark whose program is not installed is skipped and says so.
package bench
