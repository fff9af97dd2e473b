package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"
)

// How long a session lasts without a request, and at most.
const (
	SessionIdle = 30 * time.Minute
	SessionLife = 12 * time.Hour
)

// mostSessions is how many sessions there are at a time; the one that was not
// used for longest makes room for the next.
const mostSessions = 100

// cookieName is the session's cookie.
const cookieName = "provsim_session"

// A Session is a login of a person.
type Session struct {
	token, csrf string
	begun, seen time.Time
	notice      *Notice
	mu          sync.Mutex // guards notice and seen
}

// A Notice is something to tell at the top of the next page.
type Notice struct {
	Kind string // "good", "warn" or "bad"
	Text string
}

// Token returns what requests that change something must carry.
func (s *Session) Token() string { return s.csrf }

// Tell keeps a notice for the next page that the session sees.
func (s *Session) Tell(kind, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notice = &Notice{kind, text}
}

// told returns the notice and forgets it.
func (s *Session) told() *Notice {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.notice
	s.notice = nil
	return n
}

// alive reports whether the session has not ended by itself.
func (s *Session) alive(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Sub(s.seen) < SessionIdle && now.Sub(s.begun) < SessionLife
}

func (s *Session) touch(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = now
}

func (s *Session) lastSeen() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// sessions are those that are open, by the digest of their tokens, so that the
// time of a look-up tells nothing about a token.
type sessions struct {
	mu   sync.Mutex
	open map[[32]byte]*Session
}

// begin opens a session.
func (s *sessions) begin(now time.Time) *Session {
	session := &Session{token: rand.Text(), csrf: rand.Text(), begun: now, seen: now}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[[32]byte]*Session{}
	}
	for len(s.open) >= mostSessions {
		s.dropOldest()
	}
	s.open[digest(session.token)] = session
	return session
}

func (s *sessions) dropOldest() {
	var oldest [32]byte
	var since time.Time
	for key, session := range s.open {
		if seen := session.lastSeen(); since.IsZero() || seen.Before(since) {
			oldest, since = key, seen
		}
	}
	delete(s.open, oldest)
}

// find returns the session of a token, or nil.
func (s *sessions) find(token string, now time.Time) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := digest(token)
	session := s.open[key]
	if session != nil && !session.alive(now) {
		delete(s.open, key)
		return nil
	}
	return session
}

func (s *sessions) end(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, digest(session.token))
}

// EndSessions ends all sessions, as a reboot does.
func (a *App) EndSessions() {
	a.sessions.mu.Lock()
	defer a.sessions.mu.Unlock()
	clear(a.sessions.open)
}

// session returns the session of a request, or nil.
func (a *App) session(r *http.Request) *Session {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil
	}
	now := a.now()
	session := a.sessions.find(cookie.Value, now)
	if session != nil {
		session.touch(now)
	}
	return session
}

// cookie returns the session's cookie, or one that takes it away.
func (a *App) cookie(session *Session) *http.Cookie {
	c := &http.Cookie{
		Name: cookieName, Path: "/", HttpOnly: true, Secure: a.config.TLS != nil, SameSite: http.SameSiteStrictMode, MaxAge: -1,
	}
	if session != nil {
		c.Value, c.MaxAge = session.token, int(SessionLife.Seconds())
	}
	return c
}

type sessionKey struct{}

func with(r *http.Request, session *Session) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), sessionKey{}, session))
}

// Of returns the session of a request, or nil.
func Of(r *http.Request) *Session {
	session, _ := r.Context().Value(sessionKey{}).(*Session)
	return session
}

func digest(text string) [32]byte { return sha256.Sum256([]byte(text)) }

func equal(a, b [32]byte) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }
