package activator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"provsim/device"
)

// ask asks the account server for a phone's account (ACT-TW-1).
func (s *Server) ask(a Action) {
	select {
	case s.accountSlots <- struct{}{}:
		defer func() { <-s.accountSlots }()
	case <-s.ctx.Done():
		return
	}
	account, fault, why := s.account(a.MAC, a.Serial)
	if s.ctx.Err() != nil {
		return
	}
	s.with(func(now time.Time, m *Machine) []Action {
		return m.Answered(now, a.Number, a.MAC, account, fault, why)
	})
	s.alarm()
}

func (s *Server) account(mac device.MAC, serial string) (account *Account, fault, why string) {
	if s.options.Teleware == nil {
		return nil, "teleware-down", "no account server is set: give --teleware URL"
	}
	ctx, cancel := context.WithTimeout(s.ctx, askTimeout)
	defer cancel()
	to := *s.options.Teleware
	user := to.User
	to.User = nil
	body := "mac=" + mac.String() + "&sn=" + url.QueryEscape(serial)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), strings.NewReader(body))
	if err != nil {
		return nil, "teleware-down", "the account server's URL cannot be asked"
	}
	req.Header.Set("User-Agent", "Activator")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if user != nil {
		password, _ := user.Password()
		req.SetBasicAuth(user.Username(), password)
	}
	resp, err := s.options.Client.Do(req)
	if err != nil {
		return nil, "teleware-down", noAnswer(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer+1))
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return nil, "unknown-mac", "the account server knows no account for this address"
	case resp.StatusCode >= 500:
		return nil, "teleware-down", fmt.Sprintf("the account server answers %d", resp.StatusCode)
	case err != nil:
		return nil, "teleware-down", noAnswer(err)
	case resp.StatusCode != http.StatusOK:
		return nil, "bad-answer", fmt.Sprintf("the account server answers %d", resp.StatusCode)
	case len(answer) > mostAnswer:
		return nil, "bad-answer", "the account server's answer is too long"
	}
	account, ok := ReadAccount(answer)
	if !ok {
		return nil, "bad-answer", "the answer lacks user, password or reseller, or the reseller has characters that no folder may have"
	}
	return account, "", ""
}

// noAnswer says why there was no answer, without the bytes of one.
func noAnswer(err error) string {
	var wrong net.Error
	switch {
	case errors.As(err, &wrong) && wrong.Timeout():
		return "no answer from the account server in 10 s"
	case errors.As(err, new(*net.OpError)):
		return "no connection to the account server"
	}
	return "the account server's answer is not HTTP"
}
