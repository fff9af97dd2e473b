# make test    everything that must hold; installs what it needs where it may
# make dist    the files of a release, in bin/dist (dist/build says more)
# make bench   the figures of doc/performance.md (bench/doc.go: one at a time)
# make screenshots  a picture of every web page, in bin/screenshots
# make pictures  the pictures of README.md, from the screenshots
# make real-servers  doc/real-servers.md, from the servers that are installed
# make fuzz    every fuzz target for FUZZTIME each

GO       ?= go
FUZZTIME ?= 2s
PACKAGES_AT_ONCE = $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
MODULES  = bench deploy/kubernetes examples/gotest
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Programs that tests meet as real peers, by their Debian packages.
PACKAGES = nginx apache2 atftpd atftp dnsmasq tftp-hpa openssl curl sip-tester \
	kea-dhcp4-server kea-admin isc-dhcp-server isc-dhcp-client iproute2 tshark chromium lighttpd \
	lighttpd-mod-openssl libxml2-utils vsftpd rpm buildah prometheus nmap \
	snmp snmptrapd chrony rsyslog tcpdump python3-websockets goaccess

.PHONY: dist real-servers screenshots pictures test check unit fuzz bench-once bench servers build

test: servers check unit fuzz bench-once

build:
	$(GO) build -o bin/provsim ./cmd/provsim

dist:
	dist/build

check:
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo 'gofmt would change these files'; exit 1; }
	$(GO) vet ./...
	GOARCH=386 $(GO) vet ./macro ./profile ./encrypt ./resync ./device/...
	GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	$(GO) mod tidy -diff
	$(GO) run $(STATICCHECK) ./...
	@for dir in $(MODULES); do (cd $$dir && $(GO) vet ./... && $(GO) mod tidy -diff && $(GO) run $(STATICCHECK) ./...) || exit 1; done

# Libraries that draw, compress and count have no goroutines. Under the race detector they
# take up to ten times as long, so they are compiled without it.
NO_RACE = image/png golang.org/x/image/vector compress/flate hash/crc32 math/big \
	github.com/HdrHistogram/hdrhistogram-go
RACE    = -race $(NO_RACE:%=-gcflags=%=-race=false)

# A program under the race detector sleeps for a second before it ends, unless it is told.
export GORACE = atexit_sleep_ms=10

# Many tests wait for timers, so more packages than processors run at once.
unit:
	$(GO) test $(RACE) -shuffle=on -timeout 20m -p $(PACKAGES_AT_ONCE) ./...
	@for dir in $(MODULES); do (cd $$dir && $(GO) test -race -shuffle=on ./...) || exit 1; done

fuzz:
	@sh .ci/fuzz $(FUZZTIME)

# Once each, so that benchmarks keep working. Only packages with benchmarks are built.
bench-once:
	$(GO) test -short -run '^$$' -bench . -benchtime 1x \
		$$(grep -rl --include='*_test.go' --exclude-dir=bench '^func Benchmark' . | xargs -n 1 dirname | sort -u)

bench:
	bench/run

servers:
	@sh .ci/servers $(PACKAGES)
	@sh .ci/axe

# A picture of every page of the phone, for people to look at.
screenshots:
	PROVSIM_SCREENSHOTS=$(CURDIR)/bin/screenshots $(GO) test -count 1 -run Screens ./internal/interop

pictures: screenshots
	mkdir -p doc/images
	PROVSIM_SCREENSHOTS=$(CURDIR)/bin/screenshots PROVSIM_PICTURES=$(CURDIR)/doc/images $(GO) test -count 1 -run Pictures ./internal/interop

# What the checks find on real servers, for people to look at the difference.
real-servers: servers
	$(GO) test -count 1 ./conform/realservers -rewrite
