package app

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

func (a *App) loginPage(w http.ResponseWriter, r *http.Request) error {
	if Of(r) != nil {
		http.Redirect(w, r, a.home(), http.StatusSeeOther)
		return nil
	}
	return a.showLogin(w, r, http.StatusOK, loginForm{Next: r.URL.Query().Get("next")})
}

func (a *App) showLogin(w http.ResponseWriter, r *http.Request, status int, f loginForm) error {
	f.Next = a.local(f.Next)
	f.Shipped = a.isShipped() && !a.open
	return a.Render(w, r, Page{Name: "login", Title: "Log in", Status: status, Data: f})
}

func (a *App) login(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r, formLimit); err != nil {
		return err
	}
	f := loginForm{User: r.PostFormValue("user"), Next: r.PostFormValue("next")}
	err := a.admit(r, f.User, r.PostFormValue("password"))
	if err != nil {
		f.Fault = err.Text
		if err.Status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", strconv.Itoa(int(a.attempts.wait(clientOf(r), a.now()).Seconds())+1))
		}
		return a.showLogin(w, r, err.Status, f)
	}
	http.SetCookie(w, a.cookie(a.sessions.begin(a.now())))
	http.Redirect(w, r, a.local(f.Next), http.StatusSeeOther)
	return nil
}

// admit lets in a person who knows the password. Each attempt takes the same steps,
// whether the user exists or not.
func (a *App) admit(r *http.Request, user, password string) *Error {
	client, now := clientOf(r), a.now()
	if wait := a.attempts.wait(client, now); wait > 0 {
		return &Error{http.StatusTooManyRequests, fmt.Sprintf("too many attempts, wait %d seconds", int(wait/time.Second)+1)}
	}
	rightUser, rightPassword := equal(digest(user), digest(a.user)), equal(digest(password), a.password())
	if !rightUser || !rightPassword {
		a.attempts.failed(client, now)
		return &Error{http.StatusForbidden, "user or password is wrong"}
	}
	a.attempts.succeeded(client)
	return nil
}

// admitScript lets in a request that shows the password by Basic. A browser would
// add it to requests of any page, so these are refused.
func (a *App) admitScript(w http.ResponseWriter, r *http.Request) error {
	change := r.Clone(r.Context())
	change.Method = http.MethodPost // a GET changes something here
	if err := checkOrigin(change); err != nil {
		return err
	}
	user, password, shown := r.BasicAuth()
	ask := &Error{http.StatusUnauthorized, "this needs user and password"}
	if shown {
		ask = a.admit(r, user, password)
	}
	if ask != nil {
		if ask.Status != http.StatusTooManyRequests {
			ask.Status = http.StatusUnauthorized
			w.Header().Set("WWW-Authenticate", `Basic realm="phone"`)
		}
		return ask
	}
	if a.mustChange() {
		return &Error{http.StatusForbidden, errPassword.Text}
	}
	return nil
}

// local returns a path of this site: never a way to another one.
func (a *App) local(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		return a.home()
	}
	return next
}

func (a *App) logout(w http.ResponseWriter, r *http.Request) error {
	a.sessions.end(Of(r))
	http.SetCookie(w, a.cookie(nil))
	http.Redirect(w, r, loginPath, http.StatusSeeOther)
	return nil
}

// passwordForm is what the password page shows.
type passwordForm struct {
	Must  bool
	Fault string
}

func (a *App) passwordPage(w http.ResponseWriter, r *http.Request) error {
	return a.showPassword(w, r, http.StatusOK, "")
}

func (a *App) showPassword(w http.ResponseWriter, r *http.Request, status int, fault string) error {
	return a.Render(w, r, Page{
		Name: "password", Title: "Password", Status: status, Data: passwordForm{a.mustChange(), fault},
	})
}

// changePassword replaces the password and ends all other sessions.
func (a *App) changePassword(w http.ResponseWriter, r *http.Request) error {
	old, next := r.PostFormValue("old"), r.PostFormValue("new")
	client, now := clientOf(r), a.now()
	length := utf8.RuneCountInString(next)
	fault := ""
	switch {
	case a.attempts.wait(client, now) > 0:
		fault = "too many attempts, wait a while"
	case !equal(digest(old), a.password()):
		a.attempts.failed(client, now)
		fault = "the old password is wrong"
	case next != r.PostFormValue("again"):
		fault = "the new password is not the same twice"
	case length < shortest || length > longest:
		fault = fmt.Sprintf("the new password has %d characters, want %d to %d", length, shortest, longest)
	case next == old:
		fault = "the new password is the old one"
	}
	if fault != "" {
		return a.showPassword(w, r, http.StatusUnprocessableEntity, fault)
	}
	a.setPassword(next)
	a.EndSessions()
	session := a.sessions.begin(now)
	session.Tell("good", "The password has been changed. It counts until provsim ends.")
	http.SetCookie(w, a.cookie(session))
	http.Redirect(w, r, a.home(), http.StatusSeeOther)
	return nil
}

func (a *App) password() [32]byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.pass
}

func (a *App) setPassword(text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pass, a.shipped = digest(text), false
}

func (a *App) isShipped() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shipped
}

// mustChange reports whether nothing is allowed but another password.
func (a *App) mustChange() bool { return a.open && a.isShipped() }
