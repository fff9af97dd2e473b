package app

import (
	"cmp"
	"crypto/tls"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Config describes an app.
type Config struct {
	Access
	Name  string // of what the pages are about, shown on each of them
	Nav   []Link // the pages, the first of which is home
	Pages fs.FS  // their templates, as Render wants them
	Style string // added to the style sheet
}

// An Access says where an app listens and who may use it. User and Password must
// not be empty.
type Access struct {
	Address        string // to listen on, such as "127.0.0.1:8000"
	User, Password string
	// Shipped says that the password is the one that everybody knows. Where others than
	// this machine can reach the address, it allows only a change of the password.
	Shipped bool
	Hosts   []string    // names by which the app may be called, beside localhost and all addresses
	TLS     *tls.Config // nil: plain HTTP
}

// A Link is a page in the navigation.
type Link struct{ Path, Title string }

// A Handler answers a request, or returns an error: an [*Error] with its status,
// any other one as an internal error whose text stays inside.
type Handler func(w http.ResponseWriter, r *http.Request) error

// A Route is one method of one path, and who may use it.
type Route struct {
	Method, Path string
	// Public routes need no session. For all others the handler gets it by [Of].
	Public bool
	// Script routes are for programs that know no session: each request shows user and
	// password by Basic (RFC 7617), and no page of another site may make one.
	Script bool
	// Limit is the most bytes of a request's body; 0 is enough for a form. A route
	// with a limit above 1 MiB serves one request at a time.
	Limit  int64
	Handle Handler
}

// An App answers requests. It is an http.Handler.
type App struct {
	config   Config
	open     bool // others than this machine can reach the app
	mux      *http.ServeMux
	pages    map[string]*template.Template
	assets   map[string]asset
	sessions sessions
	attempts attempts
	uploads  chan struct{} // holds a token while a large body is read
	streams  chan struct{} // holds a token for each open stream
	now      func() time.Time

	mu      sync.Mutex // guards the rest
	user    string
	pass    [32]byte // the digest of the password
	shipped bool
}

// New returns an app with its login, its assets, and no other page. The error is
// that of the address, or one of the templates.
func New(c Config) (*App, error) {
	address, err := net.ResolveTCPAddr("tcp", c.Address)
	if err != nil {
		return nil, err
	}
	s := &App{
		config: c, open: !address.IP.IsLoopback(), mux: http.NewServeMux(), now: time.Now,
		uploads: make(chan struct{}, 1), streams: make(chan struct{}, mostStreams),
		user: c.User, pass: digest(c.Password), shipped: c.Shipped,
	}
	if s.assets, err = readAssets(c.Style); err != nil {
		return nil, err
	}
	if s.pages, err = parsePages(c.Pages, template.FuncMap{"asset": s.assetURL}); err != nil {
		return nil, err
	}
	for _, r := range s.ownRoutes() {
		s.Handle(r)
	}
	return s, nil
}

// ownRoutes are those that every app has.
func (a *App) ownRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/assets/{name}", Public: true, Handle: a.serveAsset},
		{Method: "GET", Path: loginPath, Public: true, Handle: a.loginPage},
		{Method: "POST", Path: loginPath, Public: true, Handle: a.login},
		{Method: "POST", Path: "/logout", Handle: a.logout},
		{Method: "GET", Path: passwordPath, Handle: a.passwordPage},
		{Method: "POST", Path: passwordPath, Handle: a.changePassword},
		{Method: "POST", Path: "/api/login", Public: true, Handle: a.apiLogin},
		{Method: "GET", Path: "/api/session", Handle: a.apiSession},
		{Method: "POST", Path: "/api/logout", Handle: a.apiLogout},
	}
}

// Paths that other parts of the app lead to.
const loginPath, passwordPath = "/login", "/password"

// Handle adds a route. It panics where another one has the same method and path.
func (a *App) Handle(r Route) {
	limit := cmp.Or(r.Limit, formLimit)
	a.mux.HandleFunc(r.Method+" "+r.Path, func(w http.ResponseWriter, req *http.Request) {
		req.Body = http.MaxBytesReader(w, req.Body, limit)
		if limit <= largeBody {
			http.NewResponseController(w).SetReadDeadline(time.Now().Add(formTime))
		}
		if err := a.serve(w, req, r); err != nil {
			a.fail(w, req, err)
		}
	})
}

// serve lets a request through to its handler, or not.
func (a *App) serve(w http.ResponseWriter, r *http.Request, route Route) error {
	if route.Script {
		if err := a.admitScript(w, r); err != nil {
			return err
		}
		return route.Handle(w, r)
	}
	session := a.session(r)
	if session == nil && !route.Public {
		return errNoSession
	}
	r = with(r, session)
	if session != nil && a.mustChange() && !route.Public && r.URL.Path != passwordPath && r.URL.Path != "/logout" {
		return errPassword
	}
	if route.Limit > largeBody {
		select {
		case a.uploads <- struct{}{}:
			defer func() { <-a.uploads }()
		default:
			return errUploads
		}
	}
	if !safe(r.Method) && !route.Public {
		if err := checkToken(r, session, cmp.Or(route.Limit, formLimit)); err != nil {
			return err
		}
	}
	return route.Handle(w, r)
}

// ServeHTTP answers a request to any path.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.secure(w.Header())
	if err := a.checkHost(r); err != nil {
		a.fail(w, r, err)
		return
	}
	if err := checkOrigin(r); err != nil {
		a.fail(w, r, err)
		return
	}
	if _, pattern := a.mux.Handler(r); pattern == "" {
		a.stray(w, r)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// stray answers a request that no route is for. To those without a session the
// app does not tell what it has.
func (a *App) stray(w http.ResponseWriter, r *http.Request) {
	session := a.session(r)
	r = with(r, session)
	switch {
	case session == nil:
		a.fail(w, r, errNoSession)
	case r.URL.Path == "/" && safe(r.Method):
		http.Redirect(w, r, a.home(), http.StatusSeeOther)
	default:
		a.fail(w, r, errNoPage)
	}
}

// home is the path of the first page.
func (a *App) home() string {
	if len(a.config.Nav) == 0 {
		return passwordPath
	}
	return a.config.Nav[0].Path
}
