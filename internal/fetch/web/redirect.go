package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

const maxRedirects = 5 // FV-HTTP-2

// redirect points the transfer to where an answer sends it.
func (t *transfer) redirect(resp *http.Response) error {
	if t.redirects == maxRedirects {
		return fail(resync.HTTPStatus, "%s: more than %d redirects", status(resp), maxRedirects)
	}
	if t.req.Method == device.Post && resp.StatusCode < http.StatusTemporaryRedirect {
		// RFC 9110 sections 15.4.2 and 15.4.3 leave it open whether it becomes a GET.
		return fail(resync.HTTPStatus, "%s: a post is redirected by 307 or 308", status(resp))
	}
	next, err := follow(t.req, resp.Header.Get("Location"))
	switch {
	case err != nil:
		return fail(resync.HTTPStatus, "%s: %v", status(resp), err)
	case t.first.NoHTTPS && next.Scheme == "https":
		return fail(resync.HTTPSUpgrade, "%s: a redirect to https, which the phone refuses for an upgrade (FV-UP-3)", status(resp))
	}
	t.req = next
	t.redirects++
	t.authorization = ""
	return nil
}

// follow returns the request that a Location leads to (RFC 9110 section
// 10.2.2). A user and password in it are not taken: the rule's count. An error
// holds nothing of the Location, which may hold a password.
func follow(req device.Request, location string) (device.Request, error) {
	if location == "" {
		return req, errors.New("it has no Location")
	}
	base, err := url.Parse(req.Scheme + "://" + hostHeader(req) + escapePath(req.Path))
	if err != nil { // a lone "%", which only a relative Location could inherit
		base = &url.URL{Scheme: req.Scheme, Host: hostHeader(req)}
	}
	to, err := base.Parse(location)
	if err != nil {
		return req, errors.New("its Location is not a URL")
	}
	switch {
	case to.Scheme != "http" && to.Scheme != "https":
		return req, errors.New("its Location is not for http or https")
	case req.Scheme == "https" && to.Scheme == "http":
		return req, errors.New("a redirect from https to http is refused")
	case to.Hostname() == "":
		return req, errors.New("its Location names no host")
	}
	req.Scheme, req.Host, req.Path = to.Scheme, to.Hostname(), to.RequestURI()
	req.Port = profile.DefaultPort(to.Scheme)
	if to.Port() != "" {
		port, err := strconv.ParseUint(to.Port(), 10, 16)
		if err != nil || port == 0 {
			return req, errors.New("the port of its Location is not from 1 to 65535")
		}
		req.Port = uint16(port)
	}
	return req, nil
}

// entrusted reports whether a request may carry the user and password of the
// first one: to the same host and port, or to its https after a redirect from
// http, never elsewhere.
func entrusted(first, req device.Request) bool {
	return strings.EqualFold(first.Host, req.Host) &&
		(first.Port == req.Port || first.Scheme == "http" && req.Scheme == "https")
}

// route tells where redirects led, or returns "". It leaves out a query, which
// may hold a token of the server's.
func (t *transfer) route() string {
	if t.redirects == 0 {
		return ""
	}
	url, _, _ := strings.Cut(t.req.URL(), "?")
	return "redirected to " + url
}
