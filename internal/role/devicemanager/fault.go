package devicemanager

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"time"
)

// Places are where a fault can be: the kinds of requests.
var Places = []string{"keep-alive", "alarm", "file", "firmware", "poll", "report"}

// Fault is what goes wrong with one kind of request on purpose (DM-ACT-7).
type Fault struct {
	Status int           // answer this at once, and do nothing
	Hang   bool          // never answer
	Cut    bool          // end the connection in the middle of the answer's body
	Delay  time.Duration // before the answer
	Share  float64       // of the requests
}

// meets reports whether the fault hits a request.
func (f Fault) meets() bool { return f.Share > 0 && rand.Float64() < f.Share }

// before does what the fault does before a request is looked at. It reports
// false where nothing else happens.
func (f Fault) before(w http.ResponseWriter, r *http.Request) bool {
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return false
		}
	}
	switch {
	case f.Hang:
		<-r.Context().Done()
		return false
	case f.Status != 0:
		w.WriteHeader(f.Status)
		return false
	}
	return true
}

// half writes the first half of a body and ends the connection.
func half(w http.ResponseWriter, body []byte) {
	w.Write(bytes.Clone(body[:len(body)/2]))
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
