package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func clock(d time.Duration) string { return d.String() }

// An axis reaches what it is for, with few labels, and no step too many.
func TestAxes(t *testing.T) {
	for _, c := range []struct {
		a    Axis
		want string
	}{
		{Counts(0, strconv.Itoa), "0 1"}, {Counts(5, strconv.Itoa), "0 1 2 3 4 5"}, {Counts(6, strconv.Itoa), "0 2 4 6"},
		{Counts(500, strconv.Itoa), "0 100 200 300 400 500"},
		{Times(1, clock), "0s 5s"}, {Times(61, clock), "0s 15s 30s 45s 1m0s 1m15s"}, {Times(86400, clock), "0s 6h0m0s 12h0m0s 18h0m0s 24h0m0s"},
	} {
		if got := strings.Join(c.a.Labels, " "); got != c.want {
			t.Errorf("found the labels %s, want %s", got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		highest := rapid.IntRange(1, 1_000_000).Draw(t, "highest")
		a := Counts(highest, strconv.Itoa)
		step := a.End / float64(len(a.Labels)-1)
		if a.End < float64(highest) || a.End-step >= float64(highest) || len(a.Labels) > mostCounts+1 {
			t.Fatalf("an axis up to %d ends at %v with %d labels", highest, a.End, len(a.Labels))
		}
		until := rapid.Float64Range(1, 31*86400).Draw(t, "until")
		if a := Times(until, clock); a.End < until || len(a.Labels) > mostTimes+1 {
			t.Fatalf("an axis up to %v s ends at %v with %d labels", until, a.End, len(a.Labels))
		}
	})
}

// A curve of steps holds each height up to the next point.
func TestPathOfSteps(t *testing.T) {
	curve := Steps([]Point{{0, 0.5}, {0.25, 0.5}, {0.5, 1}, {0.75, 1}}, 1)
	for want, l := range map[string]Layer{
		"M0 200H600V0H1200":         {Points: curve},
		"M0 400V200H600V0H1200V400": {Points: curve, Fill: true},
		"M0 400L600 200L1200 100":   {Points: []Point{{0, 0}, {0.5, 0.5}, {1, 0.75}}},
		"":                          {Fill: true},
	} {
		if got := path(l.outline(), unitsWide, unitsHigh); got != want {
			t.Errorf("found %s, want %s", got, want)
		}
	}
}

// hostile is a chart with texts that would break out of a page or a file.
func hostile() *Chart {
	const evil = `"></text><script>alert(1)</script>'&`
	return &Chart{
		ID: "x", Title: evil, Caption: evil, Says: evil, X: Axis{Labels: []string{"0", evil}}, Y: Axis{Labels: []string{"0", evil}},
		Key: []Key{{Colour: Blue, Label: evil, Value: evil, Link: "/devices?state=a&b"}}, Marks: []Mark{{0.25, evil}, {0.26, "no room"}, {0.9, "b"}},
		Layers: []Layer{{Colour: Blue, Fill: true, Points: []Point{{0, 0.5}, {1, 1}}}, {Colour: Red, Points: []Point{{0, 0}, {1, 1}}}},
	}
}

func TestFilesAndPagesAreWhole(t *testing.T) {
	var file bytes.Buffer
	if err := hostile().SVG(&file); err != nil {
		t.Fatal(err)
	}
	page := string(hostile().HTML())
	for what, text := range map[string]string{"the file": file.String(), "the page": "<div>" + page + "</div>"} {
		if strings.Contains(text, "<script") {
			t.Errorf("%s runs a script: %s", what, text)
		}
		d := xml.NewDecoder(strings.NewReader(text))
		d.Strict, d.Entity = false, xml.HTMLEntity
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
	}
	if fixed := regexp.MustCompile(`(fill|stroke)="#|style=`).FindString(page + file.String()[strings.Index(file.String(), "</style>"):]); fixed != "" {
		t.Errorf("a colour is fixed, or the page has a style of its own: %s", fixed)
	}
	if !strings.Contains(file.String(), "prefers-color-scheme: dark") {
		t.Error("the file has no dark colours")
	}
	if strings.Contains(file.String(), "no room") {
		t.Error("the name of a mark lies on another one")
	}
}

// The picture has the colours of its curves where they are.
func TestPNG(t *testing.T) {
	var b bytes.Buffer
	c := &Chart{
		Title: "t", X: Axis{Labels: []string{"0", "1"}}, Y: Axis{Labels: []string{"0", "1"}},
		Layers: []Layer{{Colour: Blue, Fill: true, Points: []Point{{0, 0.5}, {1, 0.5}}}, {Colour: Red, Points: []Point{{0, 0.75}, {0.5, 0.75}, {0.5, 1}}}},
	}
	if err := c.PNG(&b); err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct {
		p Point
		c Colour
	}{{Point{0.5, 0.25}, Blue}, {Point{0.9, 0.6}, paper}, {Point{0.25, 0.75}, Red}, {Point{0.5, 0.9}, Red}} {
		q := place(at.p)
		r, g, bl, _ := picture.At(int(q.X*scale), int(q.Y*scale)).RGBA()
		want := at.c.rgb()
		if uint8(r>>8) != want.R || uint8(g>>8) != want.G || uint8(bl>>8) != want.B {
			t.Errorf("at %v: found %x %x %x, want %v", at.p, r>>8, g>>8, bl>>8, want)
		}
	}
}
