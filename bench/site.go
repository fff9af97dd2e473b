package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// A site is the files that all servers offer, by name.
type site map[string][]byte

const (
	largeSize = 40 << 20 // 81920 blocks of 512 bytes, whose numbers have 16 bits: they roll over
	smallSize = 2 << 10
	phones    = 100 // each has a small file of its own
)

func newSite() site {
	s := smallSite()
	s[largeFile(0)] = noise(largeSize)
	return s
}

// smallSite is the configuration files alone.
func smallSite() site {
	s := make(site)
	small := noise(phones * smallSize)
	for i := range phones {
		s[smallFile(i)] = small[i*smallSize : (i+1)*smallSize]
	}
	return s
}

// largeFile and smallFile name the file of a load's i-th transfer.
func largeFile(int) string { return "firmware.bin" }

func smallFile(i int) string { return fmt.Sprintf("phone-%03d.conf", i%phones) }

// publish writes the files for servers that run as another user.
func (s site) publish(root string) error {
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	for name, body := range s {
		if err := os.WriteFile(filepath.Join(root, name), body, 0o644); err != nil {
			return err
		}
	}
	return nil
}
