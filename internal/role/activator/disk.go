package activator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"provsim/device"
)

// published is the folder of the web root that has a folder for each tree.
const published = "phoneprovisioning"

// hidden begins the names of folders that are being made or removed. No number
// begins so.
const hidden = "."

// disk is where trees and accounts are. Its methods may be called at once for
// different trees.
type disk struct {
	root string // has cfgs and cfg_templates
	web  string // has phoneprovisioning
}

// openDisk makes the folders and removes what an earlier run left half made.
func openDisk(root, web string) (*disk, []Tree, error) {
	d := &disk{root: root, web: web}
	for _, dir := range []string{root, filepath.Join(web, published)} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, nil, err
		}
	}
	entries, err := os.ReadDir(filepath.Join(web, published))
	if err != nil {
		return nil, nil, err
	}
	var trees []Tree
	for _, e := range entries {
		name := filepath.Join(web, published, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), hidden):
			if err := os.RemoveAll(name); err != nil {
				return nil, nil, err
			}
		case e.IsDir() && isNumber(e.Name()):
			if t, ok := readTree(name, e.Name()); ok {
				trees = append(trees, t)
			}
		}
	}
	return d, trees, nil
}

// readTree returns the tree of a folder that an earlier run published.
func readTree(dir, number string) (Tree, bool) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return Tree{}, false
	}
	t := Tree{Number: number}
	for _, e := range entries {
		stem, ok := strings.CutSuffix(e.Name(), ".cfg")
		mac, err := device.ParseMAC(stem)
		info, infoErr := e.Info()
		if ok && err == nil && infoErr == nil && len(stem) == 12 {
			t.MAC, t.Published = mac, info.ModTime()
		}
	}
	for _, e := range entries {
		if name, ok := t.upload(e.Name()); ok {
			t.Uploads = append(t.Uploads, name)
		}
	}
	return t, t.MAC != device.MAC{}
}

// publish makes the account's folder and the tree. Each appears whole or not at
// all, because it is made under a hidden name and then renamed (ACT-PUB-1).
func (d *disk) publish(number string, mac device.MAC, a *Account, t Templates) error {
	files := own(mac, a, t)
	if err := whole(filepath.Join(d.root, "cfgs", "TeleWare", a.Reseller), mac.String(), files); err != nil {
		return err
	}
	files[bootFile], files[appFile] = t[bootFile], t[appFile]
	return whole(filepath.Join(d.web, published), number, files)
}

// whole makes the folder name below parent with files in it, in place of the
// folder of that name that may be there.
func whole(parent, name string, files map[string][]byte) (err error) {
	if err := os.MkdirAll(parent, 0o750); err != nil {
		return plain(err)
	}
	fresh, err := os.MkdirTemp(parent, hidden+"new-")
	if err != nil {
		return plain(err)
	}
	defer os.RemoveAll(fresh)
	for file, body := range files {
		if err := os.WriteFile(filepath.Join(fresh, file), body, 0o640); err != nil {
			return plain(err)
		}
	}
	if err := os.Chmod(fresh, 0o750); err != nil {
		return plain(err)
	}
	target := filepath.Join(parent, name)
	if _, err := os.Lstat(target); err == nil {
		if err := remove(target); err != nil {
			return err
		}
	}
	return plain(os.Rename(fresh, target))
}

// remove takes a folder away at once, and then its files.
func remove(dir string) error {
	gone, err := os.MkdirTemp(filepath.Dir(dir), hidden+"old-")
	if err != nil {
		return plain(err)
	}
	defer os.RemoveAll(gone)
	if err := os.Rename(dir, filepath.Join(gone, "tree")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return plain(err)
	}
	return nil
}

func (d *disk) remove(number string) error { return remove(filepath.Join(d.web, published, number)) }

// open returns a file of a tree.
func (d *disk) open(number, file string) (*os.File, error) {
	root, err := os.OpenRoot(filepath.Join(d.web, published, number))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(file)
}

// keep writes a phone's file into its tree, whole or not at all.
func (d *disk) keep(number, file string, body []byte) error {
	dir := filepath.Join(d.web, published, number)
	fresh, err := os.CreateTemp(dir, hidden+"put-")
	if err != nil {
		return plain(err)
	}
	defer os.Remove(fresh.Name())
	_, err = fresh.Write(body)
	err = errors.Join(err, fresh.Chmod(0o640), fresh.Close())
	if err != nil {
		return plain(err)
	}
	return plain(os.Rename(fresh.Name(), filepath.Join(dir, file)))
}

// plain returns an error without its paths, which hold a phone's number.
func plain(err error) error {
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &at):
		return fmt.Errorf("%s: %w", at.Op, at.Err)
	case errors.As(err, &link):
		return fmt.Errorf("%s: %w", link.Op, link.Err)
	}
	return err
}

// ReadTemplates reads the folder of a user's templates. Each file must be there.
func ReadTemplates(dir string) (Templates, error) {
	t := Templates{}
	for _, name := range TemplateNames {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if info.Size() > mostTemplate || !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s: want a file of at most %d MiB", filepath.Join(dir, name), mostTemplate>>20)
		}
		if t[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// DefaultTemplates reads the folder cfg_templates/default of a root (ACT-PUB-3), and
// makes it with the samples where it is not there.
func DefaultTemplates(root string) (Templates, error) {
	parent := filepath.Join(root, "cfg_templates")
	t, err := ReadTemplates(filepath.Join(parent, "default"))
	if !errors.Is(err, fs.ErrNotExist) {
		return t, err
	}
	if _, there := os.Stat(filepath.Join(parent, "default")); there == nil {
		return nil, err // a file of it is missing
	}
	return Sample(), whole(parent, "default", Sample())
}

const mostTemplate = 64 << 20

// split returns number and name of a path below the web root. All of the path
// has to be in the one form that phones send.
func split(urlPath string) (number, name string, ok bool) {
	rest, below := strings.CutPrefix(urlPath, "/"+published+"/")
	number, name, two := strings.Cut(rest, "/")
	if !below || path.Clean(urlPath) != urlPath {
		return number, "", false
	}
	return number, name, two && isNumber(number) && !slices.Contains([]string{"", ".", ".."}, name) && !strings.ContainsAny(name, "/\\\x00")
}
