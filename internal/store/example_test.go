package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"provsim/internal/store"
)

func Example() {
	path, err := os.MkdirTemp("", "state")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(path)

	dir, err := store.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dir.Close()
	_, err = dir.Load("0021f2011b19")
	fmt.Println("a new phone:", errors.Is(err, fs.ErrNotExist))
	if err := dir.Save("0021f2011b19", []byte("Resync Periodic=60\n")); err != nil {
		fmt.Println(err)
		return
	}
	body, err := dir.Load("0021f2011b19")
	fmt.Printf("%s%v\n", body, err)
	// Output:
	// a new phone: true
	// Resync Periodic=60
	// <nil>
}

func ExampleDamagedError() {
	err := &store.DamagedError{Path: "state/0021f2011b19.state", Found: "12 bytes of body", Expected: `"40" as the header says`}
	fmt.Println(err)
	// Output:
	// stored state state/0021f2011b19.state is damaged and left as it is: found 12 bytes of body, want "40" as the header says; put a good copy in its place, or move it away to start afresh
}
