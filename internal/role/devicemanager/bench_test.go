package devicemanager

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/ippm"
)

const fullBody = `{"sessionId":"%08x","emsUserName":"system","emsUserPassword":"ea148b6d47bdb45ebb6c6983cae8dfd3","mac":"00908f%06x","ip":"10.1.2.3","subnet":"255.255.255.0","region":"Lab","model":"440HD","fwVersion":"2.2.8.61","userAgent":"AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F602AAC)","userName":"Ann","userId":"100@sip.example","status":"registered","phoneNumber":"100","location":"","sipProxy":"sip.example"}`

func BenchmarkKeepAlive(b *testing.B) {
	s, err := Open(Options{Dir: b.TempDir(), Log: role.NewLog(io.Discard, true, time.Now())})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var n atomic.Int64
	b.SetParallelism(50)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			r := httptest.NewRequest(http.MethodPost, ippm.KeepAlive, strings.NewReader(fmt.Sprintf(fullBody, i, i%20000)))
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != 200 {
				b.Error(w.Code)
			}
		}
	})
}
