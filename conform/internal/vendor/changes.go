package vendor

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"provsim/conform/check"
	"provsim/device"
	"provsim/resync"
)

var changes = check.Check{
	ID:          "phone/4",
	Title:       "a file that has changed changes the phone",
	Requirement: "A phone that has applied the earlier files applies the new ones: Fanvil and Flying Voice phones only do so where the version says so.",
	Source:      "FA-CHG-1, FV-CFG-3",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.EarlierFiles},
	Advice:      check.Advices{check.AnyServer: {Text: "raise the version in each file that has changed: DBID_DBASE_VERSION for Flying Voice, <<VOIP CONFIG FILE>>Version: or the element version for Fanvil"}},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		root, err := os.OpenRoot(p.Target.Before)
		if err != nil {
			return check.Errorf("folder of earlier files: %w", err)
		}
		defer root.Close()
		var unread error
		verdict, differ, err := p.Changes(ctx, func(req device.Request) []byte {
			body, err := earlier(root, req.Path)
			if err != nil {
				unread = err
			}
			return body
		})
		switch {
		case errors.Join(err, unread) != nil:
			return check.Errorf("comparing with the earlier files: %w", errors.Join(err, unread))
		case len(differ) == 0 && !verdict.Outcome.Success():
			return check.Skip("the folder has no earlier files that the phone takes, under the names that it asks for: %s", verdict.Outcome)
		case len(differ) > 0 && verdict.Outcome == resync.Unchanged:
			return check.Fail("the phone applies what has changed", "the phone is unchanged, although other bytes than before are in %s", strings.Join(differ, ", "))
		}
		return check.Pass("%s, %d files have changed", verdict.Outcome, len(differ))
	},
}

// mostEarlier is the largest earlier file that is read, as large as phones take one
// (FV-NET-1).
const mostEarlier = 1 << 20

// earlier returns a file as it was under the path of a request, or under its last part;
// nil where there is none.
func earlier(root *os.Root, request string) ([]byte, error) {
	request, _, _ = strings.Cut(request, "?")
	for _, name := range []string{strings.TrimPrefix(request, "/"), path.Base(request)} {
		f, err := root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return io.ReadAll(io.LimitReader(f, mostEarlier))
	}
	return nil, nil
}
