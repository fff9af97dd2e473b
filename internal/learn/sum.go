package learn

import "time"

// Server is what the logs tell about the server.
type Server struct {
	Times []ServerTimes `json:"times"` // of requests in quiet seconds
	Loads []Load        `json:"loads"`
	Peak  int64         `json:"peak"` // the most requests in one second
	// Workers is how many requests it serves at once, from the seconds in which it was
	// full; 0: it never was.
	Workers int     `json:"workers"`
	Queued  float64 `json:"queued"` // requests a second from which on its times grew; 0: they never did
	Failed  float64 `json:"failed"` // requests a second from which on it failed
}

// ServerTimes are how long requests of a class took.
type ServerTimes struct {
	Class string  `json:"class"`
	Count int64   `json:"count"`
	P50   Seconds `json:"p50"`
	P90   Seconds `json:"p90"`
	P99   Seconds `json:"p99"`
}

// Load is how the server did in all seconds with about as many requests.
type Load struct {
	Requests float64 `json:"requests"` // a second, on average
	Seconds  int64   `json:"seconds"`
	P50      Seconds `json:"p50"` // of what is no firmware
	Failed   float64 `json:"failed"`
}

// sum sums up the server.
func (s *serverCounts) sum() Server {
	out := Server{Times: []ServerTimes{}, Loads: []Load{}}
	var all histogram
	for i := range s.quiet {
		h := &s.quiet[i]
		if h.count == 0 {
			continue
		}
		out.Times = append(out.Times, ServerTimes{timesWords[i], h.count, seconds(h.quantile(0.5)), seconds(h.quantile(0.9)), seconds(h.quantile(0.99))})
		if i != imageTimes {
			for j, n := range h.bins {
				all.bins[j] += n
			}
			all.count += h.count
		}
	}
	usual := max(all.quantile(0.5), time.Millisecond/2) // logs of milliseconds tell nothing shorter
	for i := range s.loads {
		l := &s.loads[i]
		if l.seconds == 0 {
			continue
		}
		load := Load{Requests: float64(l.requests) / float64(l.seconds), Seconds: l.seconds, Failed: float64(l.failed) / float64(l.requests)}
		load.P50 = seconds(l.times.quantile(0.5))
		out.Loads = append(out.Loads, load)
		out.Peak = max(out.Peak, l.most)
		const grown, few = 5, 0.02
		switch slow := load.Requests >= 4 && load.P50 > Seconds(grown*usual.Seconds()); {
		case !slow:
			out.Queued = 0 // with more it was not slow
		case out.Queued == 0:
			out.Queued = load.Requests
		}
		if out.Failed == 0 && load.Requests >= 4 && load.Failed > few {
			out.Failed = load.Requests
		}
	}
	if out.Queued > 0 { // full: what it does in a second, times what one takes
		out.Workers = max(1, int(float64(out.Peak)*max(all.mean(), usual).Seconds()+0.5))
	}
	return out
}

// mean returns the mean of the times without the longest fiftieth, which are of
// requests that had to wait for something else.
func (h *histogram) mean() time.Duration {
	sum, count := 0.0, int64(0)
	for i, n := range h.bins {
		if count+int64(n) > h.count*49/50 {
			break
		}
		count += int64(n)
		if i > 0 {
			sum += float64(n) * float64(binTime(i))
		}
	}
	return time.Duration(sum / float64(max(count, 1)))
}
