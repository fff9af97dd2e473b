package main

import (
	"errors"
	"fmt"
	"io/fs"

	"provsim/device"
	"provsim/internal/store"
)

// memory keeps what devices have stored, in a directory or, without one, not
// at all.
type memory struct{ dir *store.Dir }

// openMemory opens a state directory; the empty path is none.
func openMemory(path string) (memory, error) {
	if path == "" {
		return memory{}, nil
	}
	dir, err := store.Open(path)
	if err != nil {
		return memory{}, cannot(err, "")
	}
	return memory{dir}, nil
}

// recall loads a device's memory; a device without one is new.
func (m memory) recall(mac device.MAC) (device.Stored, error) {
	if m.dir == nil {
		return device.Stored{}, nil
	}
	text, err := m.dir.Load(mac.String())
	if errors.Is(err, fs.ErrNotExist) {
		return device.Stored{}, nil
	}
	if err != nil {
		return device.Stored{}, cannot(err, "")
	}
	s, err := device.DecodeStored(text, mac)
	if err != nil {
		return device.Stored{}, cannot(fmt.Errorf("device %v: %w", mac, err), "")
	}
	return *s, nil
}

// save keeps a device's memory.
func (m memory) save(mac device.MAC, s *device.Stored) error {
	if m.dir == nil {
		return nil
	}
	text, err := s.Encode(mac)
	if err != nil {
		return err
	}
	return m.dir.Save(mac.String(), text)
}

func (m memory) close() {
	if m.dir != nil {
		m.dir.Close()
	}
}
