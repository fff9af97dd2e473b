package app

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// An Error is an answer other than the one that was asked for.
type Error struct {
	Status int    // of HTTP
	Text   string // for people, a sentence without its full stop
}

func (e *Error) Error() string { return e.Text }

var (
	errNoSession = &Error{http.StatusUnauthorized, "this needs a login"}
	errPassword  = &Error{http.StatusForbidden, "the password is the one that everybody knows: change it first"}
	errUploads   = &Error{http.StatusServiceUnavailable, "another upload is under way, try again when it has ended"}
	errNoPage    = &Error{http.StatusNotFound, "there is no such page"}
	errTooLarge  = &Error{http.StatusRequestEntityTooLarge, "what was sent is larger than this place takes"}
	errForm      = &Error{http.StatusBadRequest, "the form could not be read"}
	errInternal  = &Error{http.StatusInternalServerError, "something went wrong inside, which is a fault of provsim"}
)

// BadRequest returns an error about what was sent.
func BadRequest(text string) error { return &Error{http.StatusBadRequest, text} }

// fail answers with an error: as JSON below /api/, else as a page. Who has no
// session is led to the login.
func (a *App) fail(w http.ResponseWriter, r *http.Request, err error) {
	var known *Error
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &known):
	case errors.As(err, &large):
		known = errTooLarge
	default:
		known = errInternal
	}
	if known == errTooLarge {
		w.Header().Set("Connection", "close") // the rest of the body is not waited for
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/"):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(known.Status)
		json.NewEncoder(w).Encode(map[string]string{"error": known.Text})
	case known == errNoSession && safe(r.Method):
		http.Redirect(w, r, loginPath+"?next="+url.QueryEscape(r.URL.Path), http.StatusSeeOther)
	case known == errPassword:
		http.Redirect(w, r, passwordPath, http.StatusSeeOther)
	default:
		a.errorPage(w, r, known)
	}
}

// errorPage tells an error in the app's layout.
func (a *App) errorPage(w http.ResponseWriter, r *http.Request, e *Error) {
	if err := a.Render(w, r, Page{Name: "error", Title: http.StatusText(e.Status), Status: e.Status, Data: e.Text}); err != nil {
		http.Error(w, errInternal.Text, http.StatusInternalServerError)
	}
}

// WriteJSON answers with a value.
func WriteJSON(w http.ResponseWriter, value any) error {
	body, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(body, '\n'))
	return nil
}

// ReadJSON reads the body of a request into a value. Members that the value does
// not have are refused, so that a misspelt one is noticed.
func ReadJSON(r *http.Request, value any) error {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
		return &Error{http.StatusUnsupportedMediaType, "the body must be of type application/json"}
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(value); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return errTooLarge
		}
		return BadRequest("the body is not the JSON object that is wanted: " + err.Error())
	}
	return nil
}
