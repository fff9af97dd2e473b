package web

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestPatienceEndsAtItsDeadline(t *testing.T) {
	for name, ask := range map[string]func(*patience){
		"somebody waits": func(p *patience) { <-p.Done() },
		"no call waits":  func(*patience) { time.Sleep(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &patience{Context: t.Context(), end: time.Now().Add(time.Minute)}
				defer p.over()
				if err := p.Err(); err != nil {
					t.Errorf("%v at the begin, want nil", err)
				}
				begin := time.Now()
				ask(p)
				if took := time.Since(begin); p.Err() != context.DeadlineExceeded || took != time.Minute {
					t.Errorf("%v after %v, want %v after 1m", p.Err(), took, context.DeadlineExceeded)
				}
			})
		})
	}
}

func TestPatienceEndsWithTheCallers(t *testing.T) {
	for _, end := range []time.Time{{}, time.Now().Add(time.Hour)} {
		ctx, cancel := context.WithCancel(t.Context())
		asked, silent := &patience{Context: ctx, end: end}, &patience{Context: ctx, end: end}
		done := asked.Done()
		cancel()
		<-done
		if asked.Err() != context.Canceled || silent.Err() != context.Canceled {
			t.Errorf("%v and %v, want %v", asked.Err(), silent.Err(), context.Canceled)
		}
		asked.over()
		silent.over()
	}
}

func TestPatienceHasTheEarlierDeadline(t *testing.T) {
	soon, late := time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	ctx, cancel := context.WithDeadline(t.Context(), soon)
	defer cancel()
	for _, c := range []struct {
		caller context.Context
		end    time.Time
		want   time.Time
	}{
		{t.Context(), time.Time{}, time.Time{}}, {t.Context(), late, late},
		{ctx, time.Time{}, soon}, {ctx, late, soon},
	} {
		p := &patience{Context: c.caller, end: c.end}
		if got, ok := p.Deadline(); !got.Equal(c.want) || ok != !c.want.IsZero() {
			t.Errorf("deadline %v, %v; want %v", got, ok, c.want)
		}
	}
}
