package app

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
)

// An asset is a file that pages load.
type asset struct {
	kind, tag string
	body      []byte
}

// assetURL is where pages find an asset. It changes with the content, so that a
// browser may keep what it has. The last page before a reboot is then complete although
// the server does not answer any more.
func (a *App) assetURL(name string) (string, error) {
	found, ok := a.assets[name]
	if !ok {
		return "", fmt.Errorf("asset %q does not exist", name)
	}
	return "/assets/" + name + "?" + found.tag, nil
}

var assetKinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// readAssets reads the embedded files that are not templates, and adds to the style
// sheet. They are looked up by name, so no path leads anywhere else.
func readAssets(style string) (map[string]asset, error) {
	assets := map[string]asset{}
	entries, err := fs.ReadDir(own, "assets")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		kind, ok := assetKinds[path.Ext(e.Name())]
		if !ok {
			continue
		}
		body, err := own.ReadFile("assets/" + e.Name())
		if err != nil {
			return nil, err
		}
		if e.Name() == "style.css" {
			body = append(body, style...)
		}
		sum := sha256.Sum256(body)
		assets[e.Name()] = asset{kind, hex.EncodeToString(sum[:8]), body}
	}
	return assets, nil
}

func (a *App) serveAsset(w http.ResponseWriter, r *http.Request) error {
	found, ok := a.assets[r.PathValue("name")]
	if !ok {
		return errNoPage
	}
	h := w.Header()
	if r.URL.RawQuery == found.tag {
		h.Set("Cache-Control", "max-age=31536000, immutable")
	}
	h.Set("Content-Type", found.kind)
	w.Write(found.body)
	return nil
}
