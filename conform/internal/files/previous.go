package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"provsim/conform/check"
	"provsim/device/vendors"
	"provsim/profile"
)

// maxEarlier is the largest earlier file that is read, as large as phones take
// one (FV-NET-1).
const maxEarlier = 1 << 20

var versionFollowsChange = check.Check{
	ID:          "files/11",
	Title:       "the version has changed with the settings",
	Requirement: "A configuration whose settings have changed has another DBID_DBASE_VERSION than before: otherwise phones ignore it.",
	Source:      "FV-CFG-3; provisioning guide, sections 4.1 and 5",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.EarlierFiles},
	Advice:      check.Advices{check.AnyServer: {Text: "add one to DBID_DBASE_VERSION in each file that has changed"}},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		root, err := os.OpenRoot(p.Target.Before)
		if err != nil {
			return check.Errorf("folder of earlier files: %w", err)
		}
		defer root.Close()
		compared := 0
		found := eachPhone("another version than before where settings have changed", func(_ context.Context, _ *check.Probe, f *file) ([]string, error) {
			before, err := earlier(root, f.Request.Path)
			if err != nil || before.Len() == 0 {
				return nil, err
			}
			compared++
			if version, _ := before.Get(versionName()); version != f.version() {
				return nil, nil
			}
			return changedNames(f, before, "differs from the earlier file"), nil
		})(ctx, p)
		if found.Verdict == check.Passed && compared == 0 {
			return check.Skip("no phone has an earlier file in the folder, under the name that it asks for and not encrypted")
		}
		return found
	},
}

// earlier returns a file as it was under the path of a request, or under its
// last part. It is empty where there is no such file, or it cannot be read.
func earlier(root *os.Root, request string) (profile.Config, error) {
	request, _, _ = strings.Cut(request, "?")
	for _, name := range []string{strings.TrimPrefix(request, "/"), path.Base(request)} {
		f, err := root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return profile.Config{}, fmt.Errorf("earlier file: %w", err)
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxEarlier))
		if err != nil {
			return profile.Config{}, fmt.Errorf("earlier file: %w", err)
		}
		config, err := vendors.Default().Parse(text)
		if err != nil {
			config = profile.Config{}
		}
		return config, nil
	}
	return profile.Config{}, nil
}
