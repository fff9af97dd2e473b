package web

import (
	"errors"
	"fmt"
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
	next, err := follow(t.req, resp.Header.Get("Location"))
	if err != nil {
		return fail(resync.HTTPStatus, "%s: %v", status(resp), err)
	}
	t.req = next
	t.redirects++
	t.authorization = ""
	return nil
}

// follow returns the request that a Location leads to (RFC 9110 section
// 10.2.2). A user and password in it are not taken: the rule's count.
func follow(req device.Request, location string) (device.Request, error) {
	if location == "" {
		return req, errors.New("no Location says where to")
	}
	base, err := url.Parse(req.Scheme + "://" + hostHeader(req) + escapePath(req.Path))
	if err != nil { // a lone "%", which only a relative Location could inherit
		base = &url.URL{Scheme: req.Scheme, Host: hostHeader(req)}
	}
	to, err := base.Parse(location)
	if err != nil {
		return req, fmt.Errorf("the Location %.80q is no URL", location)
	}
	switch {
	case to.Scheme != "http" && to.Scheme != "https":
		return req, fmt.Errorf("redirect to %.20q, want http or https", to.Scheme)
	case req.Scheme == "https" && to.Scheme == "http":
		return req, errors.New("a redirect from https to http is refused")
	case to.Hostname() == "":
		return req, fmt.Errorf("the Location %.80q names no host", location)
	}
	req.Scheme, req.Host, req.Path = to.Scheme, to.Hostname(), to.RequestURI()
	req.Port = profile.DefaultPort(to.Scheme)
	if to.Port() != "" {
		port, err := strconv.ParseUint(to.Port(), 10, 16)
		if err != nil || port == 0 {
			return req, fmt.Errorf("port %.20q of the Location is none from 1 to 65535", to.Port())
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

// route tells where redirects led, or returns "".
func (t *transfer) route() string {
	if t.redirects == 0 {
		return ""
	}
	return "redirected to " + t.req.URL()
}
