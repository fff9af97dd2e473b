package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Gather reads directories of results. Several are the shards of one run and
// are merged, and so are the folders of one directory that has no results of
// its own. A single shard is taken as it is.
func Gather(dirs ...string) (*Results, error) {
	if len(dirs) == 1 {
		if _, err := os.Stat(filepath.Join(dirs[0], summaryFile)); !errors.Is(err, fs.ErrNotExist) {
			return Read(dirs[0])
		}
	}
	var shards []*Results
	for _, dir := range dirs {
		folders, err := folders(dir)
		if err != nil {
			return nil, err
		}
		for _, folder := range folders {
			r, err := Read(folder)
			if err != nil {
				return nil, err
			}
			shards = append(shards, r)
		}
	}
	return Merge(shards)
}

// folders returns the directory, or those in it that have results where it has
// none of its own.
func folders(dir string) ([]string, error) {
	if _, err := os.Stat(filepath.Join(dir, summaryFile)); err == nil {
		return []string{dir}, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range entries {
		folder := filepath.Join(dir, e.Name())
		if _, err := os.Stat(filepath.Join(folder, summaryFile)); err == nil {
			found = append(found, folder)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no %s, nor has a folder in it: want a directory that a run wrote with --out, and that is complete", dir, summaryFile)
	}
	return found, nil
}

// Journals returns the files of the whole journal that lie beside results: one
// of each shard, or none where one has none.
func Journals(dirs ...string) (files []string) {
	for _, dir := range dirs {
		folders, err := folders(dir)
		if err != nil {
			return nil
		}
		for _, folder := range folders {
			file := filepath.Join(folder, JournalFile)
			if _, err := os.Stat(file); err != nil {
				return nil
			}
			files = append(files, file)
		}
	}
	return files
}
