package app

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

func (a *App) apiLogin(w http.ResponseWriter, r *http.Request) error {
	var c credentials
	if err := ReadJSON(r, &c); err != nil {
		return err
	}
	if err := a.admit(r, c.User, c.Password); err != nil {
		return err
	}
	session := a.sessions.begin(a.now())
	http.SetCookie(w, a.cookie(session))
	return WriteJSON(w, token{session.csrf})
}

func (a *App) apiSession(w http.ResponseWriter, r *http.Request) error {
	return WriteJSON(w, token{Of(r).csrf})
}

func (a *App) apiLogout(w http.ResponseWriter, r *http.Request) error {
	a.sessions.end(Of(r))
	http.SetCookie(w, a.cookie(nil))
	w.WriteHeader(http.StatusNoContent)
	return nil
}
