package teleware

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"provsim/device"
	"provsim/internal/role"
)

// Path is where the request goes [S §3.3].
const Path = "/twautoprovisioning"

// mostBody is how long a request's body may be.
const mostBody = 4096

// Server answers HTTP requests out of a list of accounts.
type Server struct {
	Accounts Accounts
	// User and Password are asked for by Basic authentication where User is set.
	User, Password string
	Log            *role.Log
	// Fault is what goes wrong on purpose.
	Fault Fault
}

// Fault is what goes wrong with answers on purpose.
type Fault struct {
	Down    bool          // 503 to everything
	Unknown bool          // 404 for every phone
	Delay   time.Duration // before each answer
}

// Tables returns the accounts without their passwords, for a page.
func (s *Server) Tables() []role.Table {
	const most = 1000
	accounts := role.Table{Title: "Accounts", Columns: []string{"Phone", "User", "Server", "Reseller"}, Empty: "No account is entered."}
	for _, mac := range slices.SortedFunc(maps.Keys(s.Accounts), func(a, b device.MAC) int { return bytes.Compare(a[:], b[:]) }) {
		if len(accounts.Rows) == most {
			accounts.Note = fmt.Sprintf("The first %d of %d accounts.", most, len(s.Accounts))
			break
		}
		a := s.Accounts[mac]
		accounts.Rows = append(accounts.Rows, []string{mac.Colons(), a.User, a.Server, a.Reseller})
	}
	return []role.Table{accounts}
}

// ServeHTTP answers one request and logs it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	record := role.Record{Event: "account", URL: r.URL.Path}
	answer := s.answer(r, &record)
	if s.Fault.Delay > 0 {
		timer := time.NewTimer(s.Fault.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
	}
	if answer.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="teleware"`)
	}
	w.Header().Set("Content-Type", answer.Type)
	w.WriteHeader(answer.Status)
	io.WriteString(w, answer.Body)
	record.Wall, record.Status, record.Note = time.Now(), answer.Status, answer.Note
	record.Took = record.Wall.Sub(began)
	s.Log.Add(record)
}

func (s *Server) answer(r *http.Request, record *role.Record) Answer {
	refuse := func(status int, word, note string) Answer {
		return Answer{Status: status, Type: formType, Body: "error=" + word, Note: note}
	}
	switch {
	case s.Fault.Down:
		return refuse(http.StatusServiceUnavailable, "down", "the fault 'down' is on")
	case r.URL.Path != Path:
		return refuse(http.StatusNotFound, "no-such-path", "want "+Path)
	case !s.allowed(r):
		return refuse(http.StatusUnauthorized, "unauthorized", "user or password is missing or wrong")
	case r.Method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "want-post", "method "+role.Printable(r.Method))
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, mostBody+1))
	if err != nil || len(body) > mostBody {
		return refuse(http.StatusBadRequest, "bad-body", "the body ends early or is too long")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return refuse(http.StatusBadRequest, "bad-form", "the body is not a form")
	}
	accounts := s.Accounts
	if s.Fault.Unknown {
		accounts = nil
	}
	mac, answer := accounts.Answer(form, strings.Contains(r.Header.Get("Accept"), xmlType))
	record.Device = mac
	return answer
}

// allowed compares user and password without telling by its time how much of
// them was right.
func (s *Server) allowed(r *http.Request) bool {
	if s.User == "" {
		return true
	}
	user, password, ok := r.BasicAuth()
	same := func(a, b string) int {
		x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
		return subtle.ConstantTimeCompare(x[:], y[:])
	}
	return ok && same(user, s.User)&same(password, s.Password) == 1
}
