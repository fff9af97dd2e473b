package lab

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"
)

// Files are what the servers of a lab offer. The zero value is empty and ready;
// all methods may be used while the servers run. A name is a path with or
// without its first "/"; "." and ".." in it lead nowhere else.
type Files struct {
	mu    sync.RWMutex
	named map[string]file
}

type file struct {
	body   []byte
	denied bool
}

// Put makes a file or replaces it. A transfer that has begun goes on with what
// it began with. The body must not be changed afterwards.
func (f *Files) Put(name string, body []byte) { f.set(name, file{body: body}) }

// Deny makes a file that no client may read: HTTP 403, TFTP error 2.
func (f *Files) Deny(name string) { f.set(name, file{denied: true}) }

func (f *Files) set(name string, to file) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.named == nil {
		f.named = make(map[string]file)
	}
	f.named[clean(name)] = to
}

// Delete takes a file away, if it is there.
func (f *Files) Delete(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.named, clean(name))
}

// Get returns a file's body, or an error that is fs.ErrNotExist or
// fs.ErrPermission.
func (f *Files) Get(name string) ([]byte, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	found, ok := f.named[clean(name)]
	switch {
	case !ok:
		return nil, fmt.Errorf("%.200q: %w", name, fs.ErrNotExist)
	case found.denied:
		return nil, fmt.Errorf("%.200q: %w", name, fs.ErrPermission)
	}
	return found.body, nil
}

// Names lists all files in order, each beginning with "/".
func (f *Files) Names() []string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return slices.Sorted(maps.Keys(f.named))
}

// clean brings a name into the one form that all of the lab compares.
func clean(name string) string { return path.Clean("/" + name) }
