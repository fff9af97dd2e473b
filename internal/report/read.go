package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"provsim/internal/tally"
)

// MaxFile is the size in bytes of the largest file that Read takes.
const MaxFile = 512 << 20

// ErrDamaged says that a directory's files are not those that were written
// together.
var ErrDamaged = errors.New("the results are damaged")

// Read reads a directory that Write wrote. All that follows from what was
// counted is made anew.
func Read(dir string) (*Results, error) {
	text, err := readFile(dir, summaryFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s has no %s: want a directory that a run wrote with --out, and that is complete", dir, summaryFile)
	}
	if err != nil {
		return nil, err
	}
	saved := onDisk{Summary: new(tally.Summary)}
	if err := checkFormat(text); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, summaryFile), err)
	}
	if err := json.Unmarshal(text, &saved); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, summaryFile), err)
	}
	t := saved.Counts
	if t == nil {
		return nil, fmt.Errorf("%s: found no counts, want those of a run", filepath.Join(dir, summaryFile))
	}
	if err := t.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, summaryFile), err)
	}
	for _, part := range []struct {
		name string
		read func(io.Reader) error
	}{
		{histogramsFile, func(r io.Reader) error { return readHistograms(r, t) }},
		{curvesFile, t.ReadCurves},
		{sitesFile, t.ReadSites},
	} {
		digest, ok := saved.Files[part.name]
		if !ok && part.name == sitesFile {
			continue
		}
		if err := readPart(dir, part.name, digest, part.read); err != nil {
			return nil, err
		}
	}
	thresholds, err := reparse(saved.Thresholds)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, summaryFile), err)
	}
	return New(saved.Run, t, thresholds), nil
}

func reparse(results []tally.Result) (all []tally.Threshold, err error) {
	for _, r := range results {
		t, err := tally.ParseThreshold(r.Expression)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// checkFormat tells a later release's file before its members confuse.
func checkFormat(text []byte) error {
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return err
	}
	if head.Format != tally.Format {
		return fmt.Errorf("found format %d, want %d, which this release of provsim knows", head.Format, tally.Format)
	}
	return nil
}

func readPart(dir, name, digest string, read func(io.Reader) error) error {
	text, err := readFile(dir, name)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, name)
	if sum := sha256.Sum256(text); "sha256:"+hex.EncodeToString(sum[:]) != digest {
		return fmt.Errorf("%w: %s is not the file that %s names", ErrDamaged, path, summaryFile)
	}
	if err := read(bytes.NewReader(text)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func readFile(dir, name string) ([]byte, error) {
	path := filepath.Join(dir, name)
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxFile {
		return nil, fmt.Errorf("%s: found more than %d bytes, want results of a run", path, MaxFile)
	}
	return text, nil
}
