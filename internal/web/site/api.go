package site

import "net/http"

// credentials are what POST /api/login takes.
type credentials struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// token is what requests that change something carry in X-CSRF-Token.
type token struct {
	CSRF string `json:"csrf"`
}

func (s *Site) apiLogin(w http.ResponseWriter, r *http.Request) error {
	var c credentials
	if err := ReadJSON(r, &c); err != nil {
		return err
	}
	if err := s.admit(r, c.User, c.Password); err != nil {
		return err
	}
	session := s.sessions.begin(s.now())
	http.SetCookie(w, s.cookie(session))
	return WriteJSON(w, token{session.csrf})
}

func (s *Site) apiSession(w http.ResponseWriter, r *http.Request) error {
	return WriteJSON(w, token{Of(r).csrf})
}

func (s *Site) apiLogout(w http.ResponseWriter, r *http.Request) error {
	s.sessions.end(Of(r))
	http.SetCookie(w, s.cookie(nil))
	w.WriteHeader(http.StatusNoContent)
	return nil
}
