package app

import (
	"errors"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// The size of a form, and from when on a body is a large one, in bytes.
const (
	formLimit = 64 << 10
	largeBody = 1 << 20
)

// policy is the content security policy: the app's own files and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secure sets the headers that every answer has.
func (a *App) secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if a.config.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// checkHost refuses a name that the app does not know. Otherwise the owner of the name
// could point it at this address, and a browser would let his pages read this site.
func (a *App) checkHost(r *http.Request) error {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" || slices.Contains(a.config.Hosts, host) {
		return nil
	}
	return &Error{http.StatusMisdirectedRequest, "this site is not known by that name, use its address"}
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// checkOrigin refuses a change that a page of another site asks for.
func checkOrigin(r *http.Request) error {
	if err := new(http.CrossOriginProtection).Check(r); err != nil {
		return &Error{http.StatusForbidden, "the request comes from another site's page"}
	}
	return nil
}

// checkToken refuses a change without the session's token. Where no header has
// it, the form is read, up to the limit of the route.
func checkToken(r *http.Request, session *Session, limit int64) error {
	token := r.Header.Get("X-CSRF-Token")
	if token == "" && !strings.HasPrefix(r.URL.Path, "/api/") {
		if err := readForm(r, limit); err != nil {
			return err
		}
		token = r.PostFormValue("csrf")
	}
	if !equal(digest(token), digest(session.csrf)) {
		return &Error{http.StatusForbidden, "the form is out of date or not this site's: load the page again"}
	}
	return nil
}

// readForm reads a form of either kind into memory.
func readForm(r *http.Request, limit int64) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	err := errors.New("it is of neither kind")
	switch kind {
	case "multipart/form-data":
		err = r.ParseMultipartForm(limit)
	case "application/x-www-form-urlencoded":
		err = r.ParseForm()
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge
	case err != nil:
		return errForm
	}
	return nil
}
