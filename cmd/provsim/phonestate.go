package main

import (
	"errors"
	"fmt"
	"io/fs"

	"provsim/device"
	"provsim/internal/store"
)

// phoneState keeps what a device has stored, in a directory. Without a directory
// it keeps nothing.
type phoneState struct{ dir *store.Dir }

// openPhoneState opens a state directory. Without a path nothing is kept.
func openPhoneState(path string) (phoneState, error) {
	if path == "" {
		return phoneState{}, nil
	}
	dir, err := store.Open(path)
	if err != nil {
		return phoneState{}, cannot(err, "")
	}
	return phoneState{dir}, nil
}

// recall loads a device's memory; a device without one is new.
func (s phoneState) recall(mac device.MAC) (device.Stored, error) {
	if s.dir == nil {
		return device.Stored{}, nil
	}
	text, err := s.dir.Load(mac.String())
	if errors.Is(err, fs.ErrNotExist) {
		return device.Stored{}, nil
	}
	if err != nil {
		return device.Stored{}, cannot(err, "")
	}
	stored, err := device.DecodeStored(text, mac)
	if err != nil {
		return device.Stored{}, cannot(fmt.Errorf("device %v: %w", mac, err), "")
	}
	return *stored, nil
}

// save keeps a device's memory.
func (s phoneState) save(mac device.MAC, stored *device.Stored) error {
	if s.dir == nil {
		return nil
	}
	text, err := stored.Encode(mac)
	if err != nil {
		return err
	}
	return s.dir.Save(mac.String(), text)
}

func (s phoneState) close() {
	if s.dir != nil {
		s.dir.Close()
	}
}
