// Package app holds the common parts of all web pages: login and sessions, protection
// of forms, security headers, the layout, live updates, and a server with limits.
//
// [New] makes an app of a [Config]. [App.Handle] adds a [Route], whose handler
// answers by [App.Render], [WriteJSON] or [App.Stream], or returns an error that
// the app turns into a page or a JSON object. [App.Listen] opens a port,
// and the [Server] answers from [Server.Serve] to [Server.Close]; a closed one may
// be followed by another.
//
// # Who gets in
//
// A route that is not Public needs a session, which the login page or POST
// /api/login starts. Cookies are HttpOnly and SameSite=Strict, and Secure where
// the app is reached by TLS. Sessions end by logout, after [SessionIdle]
// without a request, after [SessionLife], and by [App.EndSessions]. The login of
// a client that guesses is slowed down. An app that others than this machine can
// reach insists on another password than the one that it is shipped with.
//
// # What gets in
//
// A request that changes something must come from the app's own pages, which
// browsers say by Sec-Fetch-Site and Origin, and carry the session's token, in the
// field csrf or the header X-CSRF-Token. The Host header must be an address or a
// name of the configuration, so that no foreign name can be bound to it. Bodies,
// headers, connections and waiting times are limited.
//
// # What goes out
//
// Pages are made by html/template. The content security policy allows only the
// app's own files: no script or style inside a page, none from elsewhere.
package app
