# make test    everything that must hold; installs what it needs where it may
# make bench   the figures of doc/performance.md
# make screenshots  a picture of every web page, in bin/screenshots
# make pictures  the pictures of README.md, from the screenshots
# make real-servers  doc/real-servers.md, from the servers that are installed
# make fuzz    every fuzz target for FUZZTIME each

GO       ?= go
FUZZTIME ?= 2s
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Programs that tests meet as real peers, by their Debian packages.
PACKAGES = nginx apache2 atftpd atftp dnsmasq tftp-hpa openssl curl sip-tester \
	kea-dhcp4-server kea-admin isc-dhcp-server iproute2 tshark chromium lighttpd \
	lighttpd-mod-openssl libxml2-utils

.PHONY: real-servers screenshots pictures test check unit fuzz bench-once bench servers build

test: servers check unit fuzz bench-once

build:
	$(GO) build -o bin/provsim ./cmd/provsim

check:
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo 'gofmt would change these files'; exit 1; }
	$(GO) vet ./...
	GOARCH=386 $(GO) vet ./macro ./profile ./encrypt ./resync ./device/...
	$(GO) mod tidy -diff
	$(GO) run $(STATICCHECK) ./...
	cd deploy/kubernetes && $(GO) vet ./... && $(GO) mod tidy -diff

unit:
	$(GO) test -race -shuffle=on -timeout 10m ./...
	cd deploy/kubernetes && $(GO) test -race -shuffle=on ./...

fuzz:
	@sh .ci/fuzz $(FUZZTIME)

# Once each, so that benchmarks keep working.
bench-once:
	$(GO) test -run '^$$' -bench . -benchtime 1x ./...

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
