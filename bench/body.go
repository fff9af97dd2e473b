package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
)

// noise returns bytes that look random and are the same in each run.
func noise(size int) []byte {
	body := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(body) // never errs
	return body
}

// same reports a body that is not what it must be.
func same(body, want []byte) error {
	if !bytes.Equal(body, want) {
		return fmt.Errorf("%d bytes that are not the %d wanted", len(body), len(want))
	}
	return nil
}

// checkFile reads what a contender wrote and takes it away, lest a later round
// finds it.
func checkFile(path string, check func([]byte) error) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := check(body); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.Remove(path)
}
