# make test    everything that must hold; installs what it needs where it may
# make bench   the figures of doc/performance.md
# make fuzz    every fuzz target for FUZZTIME each

GO       ?= go
FUZZTIME ?= 5s
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Programs that tests meet as real peers, by their Debian packages.
PACKAGES = nginx apache2 atftpd atftp dnsmasq tftp-hpa openssl curl sip-tester \
	kea-dhcp4-server kea-admin isc-dhcp-server iproute2 tshark

.PHONY: test check unit fuzz bench-once bench servers build

test: servers check unit fuzz bench-once

build:
	$(GO) build -o bin/provsim ./cmd/provsim

check:
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo 'gofmt would change these files'; exit 1; }
	$(GO) vet ./...
	GOARCH=386 $(GO) vet ./macro ./profile ./encrypt ./resync ./device/...
	$(GO) mod tidy -diff
	$(GO) run $(STATICCHECK) ./...

unit:
	$(GO) test -race -shuffle=on -timeout 10m ./...

fuzz:
	@sh .ci/fuzz $(FUZZTIME)

# Once each, so that benchmarks keep working.
bench-once:
	$(GO) test -run '^$$' -bench . -benchtime 1x ./...

bench:
	bench/run

servers:
	@sh .ci/servers $(PACKAGES)
