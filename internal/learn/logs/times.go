package logs

import (
	"bytes"
	"strconv"
	"time"
)

const second = int64(time.Second / time.Microsecond)

// clock reads times. It remembers the day and zone of the latest one, because nearly
// all lines have those of the line before.
type clock struct {
	zone *time.Location
	now  time.Time

	day, offset string // as in the line: 30/Nov/2026, 2026-11-30, or "Nov 30"; "" or +0100
	midnight    int64

	stampText []byte // that common has read last, and what it is
	stampAt   int64
}

// within reports whether a time is of the day and zone of the latest one.
func (c *clock) within(day, offset []byte) bool {
	return string(day) == c.day && string(offset) == c.offset
}

// number reads digits; false where there is anything else.
func number(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// hms reads 15:04:05 as microseconds.
func hms(b []byte) (int64, bool) {
	if len(b) != 8 || b[2] != ':' || b[5] != ':' {
		return 0, false
	}
	h, ok1 := number(b[:2])
	m, ok2 := number(b[3:5])
	s, ok3 := number(b[6:8])
	return (h*3600 + m*60 + s) * second, ok1 && ok2 && ok3 && h < 24 && m < 60 && s < 61
}

// common reads 30/Nov/2026:08:36:57 +0000, and HAProxy's 30/Nov/2026:08:36:57.123.
func (c *clock) common(b []byte) (at int64, fine, ok bool) {
	if len(b) == len(c.stampText) && bytes.Equal(b, c.stampText) {
		return c.stampAt, false, true
	}
	if len(b) < 20 || b[11] != ':' {
		return 0, false, false
	}
	in, ok := hms(b[12:20])
	if !ok {
		return 0, false, false
	}
	rest := b[20:]
	if rest = bytes.TrimPrefix(rest, []byte{' '}); len(rest) == 4 && rest[0] == '.' {
		ms, ok := number(rest[1:])
		if !ok {
			return 0, false, false
		}
		in, fine, rest = in+ms*1000, true, nil
	}
	if !c.within(b[:11], rest) && !c.newDay("02/Jan/2006", b[:11], rest) {
		return 0, false, false
	}
	if at = c.midnight + in; !fine {
		c.stampText, c.stampAt = append(c.stampText[:0], b...), at
	}
	return at, fine, true
}

// newDay works out when a day began.
func (c *clock) newDay(layout string, day, offset []byte) bool {
	at, err := time.ParseInLocation(layout, string(day), c.zone)
	if len(offset) > 0 {
		if len(offset) != 5 {
			return false
		}
		at, err = time.Parse(layout+" -0700", string(day)+" "+string(offset))
	}
	if err != nil {
		return false
	}
	c.day, c.offset = string(day), string(offset)
	c.midnight = at.UnixMicro()
	return true
}

// iso reads 2026-11-30T08:36:57 and 2026-11-30 08:36:57, with a fraction and a zone
// where they are there, and returns what follows.
func (c *clock) iso(b []byte) (at int64, fine bool, rest []byte, ok bool) {
	if len(b) < 19 || b[4] != '-' || b[10] != 'T' && b[10] != ' ' {
		return 0, false, nil, false
	}
	in, ok := hms(b[11:19])
	if !ok {
		return 0, false, nil, false
	}
	day, rest := b[:10], b[19:]
	if len(rest) > 0 && (rest[0] == '.' || rest[0] == ',') {
		n, part, unit := 1, int64(0), second/10
		for ; n < len(rest) && rest[n] >= '0' && rest[n] <= '9'; n++ {
			part, unit = part+int64(rest[n]-'0')*unit, unit/10
		}
		in, fine, rest = in+part, true, rest[n:]
	}
	var zone []byte
	switch {
	case len(rest) > 0 && rest[0] == 'Z':
		zone, rest = []byte("+0000"), rest[1:]
	case len(rest) >= 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':':
		zone, rest = append(append([]byte{}, rest[:3]...), rest[4:6]...), rest[6:]
	case len(rest) >= 5 && (rest[0] == '+' || rest[0] == '-'):
		zone, rest = rest[:5], rest[5:]
	}
	if !c.within(day, zone) && !c.newDay("2006-01-02", day, zone) {
		return 0, false, nil, false
	}
	return c.midnight + in, fine, rest, true
}

// stamp reads "Nov 30 08:36:57", which has no year: it is the latest one that makes a
// time of at most a day after now.
func (c *clock) stamp(b []byte) (at int64, rest []byte, ok bool) {
	if len(b) < 16 || b[3] != ' ' || b[6] != ' ' {
		return 0, nil, false
	}
	in, ok := hms(b[7:15])
	if !ok {
		return 0, nil, false
	}
	if day := b[:6]; !c.within(day, nil) {
		if !c.newDay("Jan _2 2006", append(append([]byte{}, day...), " 2000"...), nil) { // a leap year: any day can be read
			return 0, nil, false
		}
		for year := c.now.Year() + 1; ; year-- {
			if year < c.now.Year()-8 { // 29 February comes at least every eight years
				return 0, nil, false
			}
			if c.newDay("Jan _2 2006", append(append([]byte{}, day...), " "+strconv.Itoa(year)...), nil) && c.midnight <= c.now.Add(24*time.Hour).UnixMicro() {
				break
			}
		}
		c.day = string(day)
	}
	return c.midnight + in, b[15:], true
}

// epoch reads seconds since 1970 with or without a fraction, and milliseconds.
func epoch(text string) (at int64, fine, ok bool) {
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || f < 1e8 || f > 1e17:
		return 0, false, false
	case f > 1e14:
		f /= 1e6
	case f > 1e11:
		f /= 1e3
	}
	return int64(f * float64(second)), true, true
}

// spent reads how long something took as microseconds; a scale of 1e6 is for seconds.
// Nginx lists several servers' times as "0.001, 0.002" or "0.001 : 0.002"; the last one counts.
func spent(b []byte, scale float64) int64 {
	if dot := len(b) - 4; dot > 0 && dot < 6 && b[dot] == '.' { // nginx's form, which most lines have
		whole, ok1 := number(b[:dot])
		part, ok2 := number(b[dot+1:])
		if ok1 && ok2 {
			return int64(float64(whole*1000+part)/1000*scale + 0.5)
		}
	}
	if i := bytes.LastIndexAny(b, ",:"); i >= 0 {
		b = b[i+1:]
	}
	f, err := strconv.ParseFloat(string(bytes.TrimSpace(b)), 64)
	if err != nil || !(f >= 0) || f*scale > 1e12 {
		return -1
	}
	return int64(f*scale + 0.5)
}
