// Package chart draws curves: for a page, where they fill the given space and follow the
// reader's choice of light or dark, and as files of SVG and PNG.
//
// [Chart.HTML] and [Style] are for pages, [Chart.SVG] and [Chart.PNG] write files. All
// of them show the same [Chart].
package chart

import (
	"fmt"
	"math"
	"strings"
)

// Chart is a picture of curves.
type Chart struct {
	ID      string // of its element, and the name of its files
	Title   string
	Caption string
	Says    string // what the picture shows, for readers who do not see it
	Key     []Key
	X, Y    Axis
	Layers  []Layer // the first one lies lowest; a chart without layers has nothing to show
	Marks   []Mark
}

// Key says what a colour stands for, how much of it there is, and where to see that.
type Key struct {
	Colour             Colour
	Label, Value, Link string
}

// Point is a place in a chart. Both axes go from 0 to 1, from left to right and from the
// bottom to the top.
type Point struct{ X, Y float64 }

// Layer is a curve, or with Fill what lies below it.
type Layer struct {
	Colour Colour
	Fill   bool
	Points []Point
}

// Mark is a dashed line from the bottom to the top.
type Mark struct {
	X    float64
	Name string
}

// Steps turns points into a curve of steps: each height holds up to the next point, and
// the last one up to the place end.
func Steps(points []Point, end float64) []Point {
	var steps []Point
	for i, p := range points {
		if i > 0 {
			steps = append(steps, Point{p.X, points[i-1].Y})
		}
		steps = append(steps, p)
	}
	if n := len(points); n > 0 {
		steps = append(steps, Point{end, points[n-1].Y})
	}
	return steps
}

// outline returns the corners of a layer: of a filled one with those at the bottom.
func (l *Layer) outline() []Point {
	n := len(l.Points)
	if !l.Fill || n == 0 {
		return l.Points
	}
	all := append([]Point{{l.Points[0].X, 0}}, l.Points...)
	return append(all, Point{l.Points[n-1].X, 0})
}

// path writes points as the data of an SVG path, in whole units of a picture of a width
// and a height, and leaves out what is as before.
func path(points []Point, width, height int) string {
	var b strings.Builder
	var x, y int
	for i, p := range points {
		toX, toY := int(math.Round(p.X*float64(width))), int(math.Round((1-p.Y)*float64(height)))
		straight := i+1 < len(points) && i > 0 && points[i+1].Y == p.Y && points[i-1].Y == p.Y
		switch {
		case i == 0:
			fmt.Fprintf(&b, "M%d %d", toX, toY)
		case straight || toX == x && toY == y:
			continue
		case toY == y:
			fmt.Fprintf(&b, "H%d", toX)
		case toX == x:
			fmt.Fprintf(&b, "V%d", toY)
		default:
			fmt.Fprintf(&b, "L%d %d", toX, toY)
		}
		x, y = toX, toY
	}
	return b.String()
}
