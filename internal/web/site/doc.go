// Package site holds the common parts of all web pages: login and sessions, protection
// of forms, security headers, the layout, live updates, and a server with limits.
//
// [New] makes a site of a [Config]. [Site.Handle] adds a [Route], whose handler
// answers by [Site.Render], [WriteJSON] or [Site.Stream], or returns an error that
// the site turns into a page or a JSON object. [Site.Listen] opens a port,
// and the [Server] answers from [Server.Serve] to [Server.Close]; a closed one may
// be followed by another.
//
// # Who gets in
//
// A route that is not Public needs a session, which the login page or POST
// /api/login starts. Cookies are HttpOnly and SameSite=Strict, and Secure where
// the site is reached by TLS. Sessions end by logout, after [SessionIdle]
// without a request, after [SessionLife], and by [Site.EndSessions]. The login of
// a client that guesses is slowed down. A site that others than this machine can
// reach insists on another password than the one that it is shipped with.
//
// # What gets in
//
// A request that changes something must come from the site's own pages, which
// browsers say by Sec-Fetch-Site and Origin, and carry the session's token, in the
// field csrf or the header X-CSRF-Token. The Host header must be an address or a
// name that the site was told, so that no foreign name can be bound to it. Bodies,
// headers, connections and waiting times are limited.
//
// # What goes out
//
// Pages are made by html/template. The content security policy allows only the
// site's own files: no script or style inside a page, none from elsewhere.
package site
