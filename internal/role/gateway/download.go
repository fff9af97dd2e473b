package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"provsim/internal/role"
)

// off says why the HTTP client cannot ask for a path or a URL; "" where it can
// (SMG-EVT-3).
func (s *Settings) off(path string) string {
	switch {
	case !s.HTTPClient:
		return "Http Client Enabled is no"
	case s.FileServer == "" && strings.HasPrefix(path, "/"):
		return "Http Client File Server Ip Address is empty"
	}
	return ""
}

// at returns the URL of a path on the file server. A URL stays as it is (SMG-C-7,
// SMG-HTTP-2).
func (s *Settings) at(path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	scheme := "http"
	if s.Secure {
		scheme = "https"
	}
	return scheme + "://" + s.FileServer + path
}

// download returns the URL of a file. The download path goes before the file's name,
// unless that contains $$ or begins with "/" (SMG-HTTP-1).
func (s *Settings) download(name string) string {
	if s.DownloadPath != "" && !strings.Contains(name, "$$") && !strings.HasPrefix(name, "/") {
		name = join(s.DownloadPath, name)
	}
	to, mark := s.at(s.ActivatorPath), "?"
	if strings.Contains(to, "?") {
		mark = "&"
	}
	return to + mark + "sn=" + s.Serial + "&file=" + url.QueryEscape(name)
}

// download asks for the files of the options, one after the other. Like an event's
// request, one that gets no answer is made again at once (SMG-EVT-4).
func (s *Server) download() {
	for _, name := range s.options.Downloads {
		began := time.Now()
		record := role.Record{Event: "download.failed"}
		why := s.options.off(s.options.ActivatorPath)
		if why == "" {
			var size int64
			for try := 0; try <= s.options.Retries && record.Status == 0; try++ {
				record.Status, size, why = s.ask(http.MethodGet, s.options.download(name), "")
			}
			if record.Status/100 == 2 && why == "" {
				record.Event, why = "download.done", fmt.Sprintf("%d bytes", size)
			}
		}
		if s.ctx.Err() != nil {
			return
		}
		record.Wall, record.Took = time.Now(), time.Since(began)
		record.Note = strings.TrimSuffix(fmt.Sprintf("%q: %s", name, why), ": ")
		s.options.Log.Add(record)
	}
}
