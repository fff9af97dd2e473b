package site

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// shortest and longest are the lengths of a password, in characters.
const shortest, longest = 8, 128

// loginForm is what the login page shows.
type loginForm struct {
	User, Next string
	Fault      string
	Shipped    bool // the password is the one of the manual, on this machine only
}

func (s *Site) loginPage(w http.ResponseWriter, r *http.Request) error {
	if Of(r) != nil {
		http.Redirect(w, r, s.home(), http.StatusSeeOther)
		return nil
	}
	return s.showLogin(w, r, http.StatusOK, loginForm{Next: r.URL.Query().Get("next")})
}

func (s *Site) showLogin(w http.ResponseWriter, r *http.Request, status int, f loginForm) error {
	f.Next = s.local(f.Next)
	f.Shipped = s.isShipped() && !s.config.Open
	return s.Render(w, r, Page{Name: "login", Title: "Log in", Status: status, Data: f})
}

func (s *Site) login(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r, formLimit); err != nil {
		return err
	}
	f := loginForm{User: r.PostFormValue("user"), Next: r.PostFormValue("next")}
	err := s.admit(r, f.User, r.PostFormValue("password"))
	if err != nil {
		f.Fault = err.Text
		if err.Status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", strconv.Itoa(int(s.attempts.wait(clientOf(r), s.now()).Seconds())+1))
		}
		return s.showLogin(w, r, err.Status, f)
	}
	http.SetCookie(w, s.cookie(s.sessions.begin(s.now())))
	http.Redirect(w, r, s.local(f.Next), http.StatusSeeOther)
	return nil
}

// admit lets in a person who knows the password. Each attempt takes the same steps,
// whether the user exists or not.
func (s *Site) admit(r *http.Request, user, password string) *Error {
	client, now := clientOf(r), s.now()
	if wait := s.attempts.wait(client, now); wait > 0 {
		return &Error{http.StatusTooManyRequests, fmt.Sprintf("too many attempts, wait %d seconds", int(wait/time.Second)+1)}
	}
	rightUser, rightPassword := equal(digest(user), digest(s.user)), equal(digest(password), s.password())
	if !rightUser || !rightPassword {
		s.attempts.failed(client, now)
		return &Error{http.StatusForbidden, "user or password is wrong"}
	}
	s.attempts.succeeded(client)
	return nil
}

// admitScript lets in a request that shows the password by Basic. A browser would
// add it to requests of any page, so these are refused.
func (s *Site) admitScript(w http.ResponseWriter, r *http.Request) error {
	change := r.Clone(r.Context())
	change.Method = http.MethodPost // a GET changes something here
	if err := checkOrigin(change); err != nil {
		return err
	}
	user, password, shown := r.BasicAuth()
	ask := &Error{http.StatusUnauthorized, "this needs user and password"}
	if shown {
		ask = s.admit(r, user, password)
	}
	if ask != nil {
		if ask.Status != http.StatusTooManyRequests {
			ask.Status = http.StatusUnauthorized
			w.Header().Set("WWW-Authenticate", `Basic realm="phone"`)
		}
		return ask
	}
	if s.mustChange() {
		return &Error{http.StatusForbidden, errPassword.Text}
	}
	return nil
}

// local returns a path of this site: never a way to another one.
func (s *Site) local(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		return s.home()
	}
	return next
}

func (s *Site) logout(w http.ResponseWriter, r *http.Request) error {
	s.sessions.end(Of(r))
	http.SetCookie(w, s.cookie(nil))
	http.Redirect(w, r, loginPath, http.StatusSeeOther)
	return nil
}

// passwordForm is what the password page shows.
type passwordForm struct {
	Must  bool
	Fault string
}

func (s *Site) passwordPage(w http.ResponseWriter, r *http.Request) error {
	return s.showPassword(w, r, http.StatusOK, "")
}

func (s *Site) showPassword(w http.ResponseWriter, r *http.Request, status int, fault string) error {
	return s.Render(w, r, Page{
		Name: "password", Title: "Password", Status: status, Data: passwordForm{s.mustChange(), fault},
	})
}

// changePassword replaces the password and ends all other sessions.
func (s *Site) changePassword(w http.ResponseWriter, r *http.Request) error {
	old, next := r.PostFormValue("old"), r.PostFormValue("new")
	client, now := clientOf(r), s.now()
	length := utf8.RuneCountInString(next)
	fault := ""
	switch {
	case s.attempts.wait(client, now) > 0:
		fault = "too many attempts, wait a while"
	case !equal(digest(old), s.password()):
		s.attempts.failed(client, now)
		fault = "the old password is wrong"
	case next != r.PostFormValue("again"):
		fault = "the new password is not the same twice"
	case length < shortest || length > longest:
		fault = fmt.Sprintf("the new password has %d characters, want %d to %d", length, shortest, longest)
	case next == old:
		fault = "the new password is the old one"
	}
	if fault != "" {
		return s.showPassword(w, r, http.StatusUnprocessableEntity, fault)
	}
	s.setPassword(next)
	s.EndSessions()
	session := s.sessions.begin(now)
	session.Tell("good", "The password has been changed. It counts until provsim ends.")
	http.SetCookie(w, s.cookie(session))
	http.Redirect(w, r, s.home(), http.StatusSeeOther)
	return nil
}

func (s *Site) password() [32]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pass
}

func (s *Site) setPassword(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pass, s.shipped = digest(text), false
}

func (s *Site) isShipped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shipped
}

// mustChange reports whether nothing is allowed but another password.
func (s *Site) mustChange() bool { return s.config.Open && s.isShipped() }
