package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// The limits of streams: how many are open at a time, how often one sends at
// most and at least, and how long a write may take.
const (
	mostStreams = 64
	breath      = 250 * time.Millisecond
	heartbeat   = 10 * time.Second
	writeTime   = 10 * time.Second
)

// A Hub tells open streams that there is something new. The zero Hub is ready.
type Hub struct {
	mu        sync.Mutex
	listeners map[chan struct{}]struct{}
}

// Changed wakes all streams. It never waits for one: a stream that is not ready
// finds out when it is.
func (h *Hub) Changed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.listeners {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (h *Hub) listen() (news chan struct{}, leave func()) {
	news = make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners == nil {
		h.listeners = map[chan struct{}]struct{}{}
	}
	h.listeners[news] = struct{}{}
	return news, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.listeners, news)
	}
}

// Stream answers with server-sent events until the client leaves, the session
// ends, or the server is closed. Each time that the hub has news it sends those
// of the parts that look returns, by the ids of the elements that they fill,
// which differ from what was sent before.
func (a *App) Stream(w http.ResponseWriter, r *http.Request, hub *Hub, look func(context.Context) (map[string]string, error)) error {
	select {
	case a.streams <- struct{}{}:
		defer func() { <-a.streams }()
	default:
		return &Error{http.StatusServiceUnavailable, "too many pages are open"}
	}
	news, leave := hub.listen()
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	st := &stream{w: w, control: http.NewResponseController(w), sent: map[string]string{}}
	st.control.SetReadDeadline(time.Time{}) // nothing more is to come, and that is no fault
	for {
		parts, err := look(r.Context())
		if err != nil {
			return nil // the browser asks again, and gets the error then
		}
		if st.send(parts) != nil || !a.pause(r, news) {
			return nil
		}
	}
}

// pause waits for news, at least for a breath and at most for a heartbeat. It
// reports false where the stream is at its end.
func (a *App) pause(r *http.Request, news <-chan struct{}) bool {
	session, now := Of(r), a.now()
	if session != nil && a.sessions.find(session.token, now) == nil {
		return false
	}
	rest := time.NewTimer(breath)
	defer rest.Stop()
	select {
	case <-r.Context().Done():
		return false
	case <-rest.C:
	}
	beat := time.NewTimer(heartbeat)
	defer beat.Stop()
	select {
	case <-r.Context().Done():
		return false
	case <-news:
	case <-beat.C:
	}
	return true
}

// stream is the writing end of one.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	sent    map[string]string
}

// send writes the parts that are new, and a comment where none is, by which a
// client that is gone is noticed.
func (s *stream) send(parts map[string]string) error {
	s.control.SetWriteDeadline(time.Now().Add(writeTime))
	fresh := map[string]string{}
	for id, html := range parts {
		if old, ok := s.sent[id]; !ok || old != html {
			fresh[id], s.sent[id] = html, html
		}
	}
	text := ": nothing new\n\n"
	if len(fresh) > 0 {
		body, err := json.Marshal(fresh)
		if err != nil {
			return err
		}
		text = fmt.Sprintf("event: parts\nretry: 1000\ndata: %s\n\n", body)
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
