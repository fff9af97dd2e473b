package ipoffice

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"provsim/internal/role"
)

const (
	mostHead      = 16 << 10 // bytes of an HTTP request
	mostPhoneFile = 64 << 20
)

// http answers one request and closes the connection. The answer is written by hand,
// because the order of its lines counts (IPO-WEB-1).
func (s *server) http(conn net.Conn) {
	conn.SetDeadline(time.Now().Add(requestTime))
	reader := bufio.NewReader(io.LimitReader(conn, mostHead))
	if _, err := reader.Peek(1); err != nil {
		return
	}
	page, path := BadRequest, ""
	request, err := http.ReadRequest(reader)
	if err == nil {
		page, path = s.page(request), request.URL.Path
	}
	body := page.Body
	if request != nil && request.Method == http.MethodHead {
		body = nil
	}
	conn.SetDeadline(time.Now().Add(writeTime + time.Duration(len(body)/1000)*time.Millisecond))
	conn.Write(append(page.Head(time.Now(), s.unit.c.Level), body...))
	status, _ := strconv.Atoi(page.Status[len("HTTP/1.1 "):][:3]) // all are such
	s.g.o.Log.Add(role.Record{Wall: time.Now(), Event: "http", Device: s.unit.c.MAC, URL: path, Status: status, Note: conn.RemoteAddr().String()})
	if tcp, ok := conn.(*net.TCPConn); ok { // so that the answer is not lost to a reset, where more was sent than read
		tcp.CloseWrite()
		conn.SetDeadline(time.Now().Add(time.Second))
		io.Copy(io.Discard, io.LimitReader(conn, mostHead))
	}
}

// page returns the answer to a request.
func (s *server) page(r *http.Request) Page {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return plain(statusMethod, "Method not allowed")
	}
	s.mu.Lock()
	page, ok := s.unit.Page(r.URL.Path)
	quirks := s.unit.c.Quirks
	s.mu.Unlock()
	if ok {
		return page
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if quirks.AvayaOnly && !strings.Contains(r.UserAgent(), "AVAYA") {
		return plain(statusForbidden, "Forbidden")
	}
	if body, ok := s.phoneFile(name); ok {
		kind := "text/plain"
		if bytes.IndexByte(body[:min(len(body), 512)], 0) >= 0 {
			kind = "application/octet-stream"
		}
		return Page{Status: statusOK, Type: kind, Body: body}
	}
	if s.g.o.Firmware != "" && isPhoneFile(name) && !strings.HasSuffix(name, ".txt") && !strings.HasSuffix(name, ".scr") {
		page := plain(statusFound, "Found")
		page.Location = strings.TrimSuffix(s.g.o.Firmware, "/") + "/" + name
		return page
	}
	return plain(statusMissing, "Not found")
}

// isPhoneFile reports whether a name is such as the files for phones have.
func isPhoneFile(name string) bool {
	return name != "" && len(name) <= 64 && name[0] != '.' && !strings.ContainsFunc(name, func(r rune) bool { return !usual(r) })
}

// phoneFile returns a file for phones: from the folder, else made by the unit
// (IPO-WEB-4).
func (s *server) phoneFile(name string) ([]byte, bool) {
	if !isPhoneFile(name) {
		return nil, false
	}
	if file, ok := s.inFolder(name); ok {
		defer file.Close()
		if body, err := io.ReadAll(io.LimitReader(file, mostPhoneFile)); err == nil {
			return body, true
		}
	}
	specials, ok := s.inFolder(specialsFile)
	if ok {
		specials.Close() // it is named, and not sent
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unit.PhoneFile(name, ok)
}

// inFolder returns a file of the folder that can be served.
func (s *server) inFolder(name string) (*os.File, bool) {
	if s.g.o.Phones == nil {
		return nil, false
	}
	file, err := s.g.o.Phones.Open(name)
	if err != nil {
		return nil, false
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() > mostPhoneFile {
		file.Close()
		return nil, false
	}
	return file, true
}
