package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/pin/tftp/v3"
)

// The limits of uploads in bytes, for one and for all together.
const (
	largestUpload = 16 << 20
	allUploads    = 64 << 20
)

var (
	errTooLarge = fmt.Errorf("the upload is larger than %d bytes", largestUpload)
	errFull     = fmt.Errorf("uploads take more than %d bytes together", allUploads)
)

// uploads counts what was uploaded.
type uploads struct {
	mu    sync.Mutex
	sizes map[string]int
	total int
}

// takesUploads reports whether a file may be uploaded: its path, after "." and ".."
// are resolved, begins with one of those that the configuration names.
func (l *Lab) takesUploads(name string) bool {
	for _, prefix := range l.config.Uploads {
		if strings.HasPrefix(clean(name), rooted(prefix)) {
			return true
		}
	}
	return false
}

// upload keeps a file. Created reports whether it is new.
func (l *Lab) upload(name string, body []byte) (created bool, err error) {
	u, name := &l.uploads, clean(name)
	u.mu.Lock()
	defer u.mu.Unlock()
	total := u.total - u.sizes[name] + len(body)
	if total > allUploads {
		return false, errFull
	}
	if u.sizes == nil {
		u.sizes = map[string]int{}
	}
	u.sizes[name], u.total = len(body), total
	_, err = l.Files.Get(name)
	l.Files.Put(name, body)
	return err != nil, nil
}

// take answers a PUT or a POST.
func (s *site) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestUpload))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, errTooLarge.Error(), http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "the body is cut short", http.StatusBadRequest)
		return
	}
	created, err := s.lab.upload(r.URL.Path, body)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInsufficientStorage)
	case created:
		w.WriteHeader(http.StatusCreated)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// write answers one write request that came through the proxy.
func (p *faultProxy) write(name string, from io.WriterTo) error {
	transfer, ok := from.(tftp.IncomingTransfer)
	if !ok {
		return fmt.Errorf("a transfer of type %T tells no client", from)
	}
	remote := transfer.RemoteAddr()
	t := p.find(addrPort(&remote))
	if t == nil {
		return errEnded
	}
	var body bounded
	n, err := from.WriteTo(&body)
	if err == nil {
		_, err = p.lab.upload(name, body.Bytes())
	}
	p.lab.served(Served{Server: "tftp", Client: t.client, Method: "WRQ", Path: clean(name), Bytes: n, Err: err})
	return err
}

// A bounded buffer takes an upload and no more.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > largestUpload {
		return 0, errTooLarge
	}
	return b.Buffer.Write(p)
}
