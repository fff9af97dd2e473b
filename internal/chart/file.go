package chart

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The places in a file, in points.
const (
	fileWide, fileHigh             = 900, 340
	plotLeft, plotTop              = 84, 44
	plotRight, plotBottom          = 744, 300
	keyLeft, keyStep               = 766, 20
	titleSize, textSize, swatchBox = 15, 11, 11
)

// canvas is what a file is drawn on. Its points are in points of the file, from the
// top left.
type canvas interface {
	area(Colour, []Point)
	line(c Colour, width float64, points []Point)
	// text writes from a place on, up to it, or about it: anchor is 0, 1 or 0.5.
	text(c Colour, size, anchor float64, at Point, text string)
}

// draw draws a chart with its title above and its key at the right.
func (c *Chart) draw(on canvas) {
	on.area(paper, []Point{{0, 0}, {fileWide, 0}, {fileWide, fileHigh}, {0, fileHigh}})
	on.text(ink, titleSize, 0, Point{plotLeft, 26}, c.Title)
	for i, label := range c.Y.Labels {
		at := place(Point{0, float64(i) / float64(len(c.Y.Labels)-1)})
		on.line(rule, 1, []Point{at, {plotRight, at.Y}})
		on.text(soft, textSize, 1, Point{plotLeft - 8, at.Y + 4}, label)
	}
	for i, label := range c.X.Labels {
		at := place(Point{float64(i) / float64(len(c.X.Labels)-1), 0})
		on.text(soft, textSize, 0.5, Point{at.X, at.Y + 18}, label)
	}
	for _, l := range c.Layers {
		points := l.outline()
		placed := make([]Point, len(points))
		for i, p := range points {
			placed[i] = place(p)
		}
		if l.Fill {
			on.area(l.Colour, placed)
		} else {
			on.line(l.Colour, 1.6, placed)
		}
	}
	c.drawMarks(on)
	for i, k := range c.Key {
		y := float64(plotTop + i*keyStep)
		on.area(k.Colour, []Point{{keyLeft, y}, {keyLeft + swatchBox, y}, {keyLeft + swatchBox, y + swatchBox}, {keyLeft, y + swatchBox}})
		on.text(soft, textSize, 0, Point{keyLeft + swatchBox + 7, y + swatchBox - 1}, k.Label)
	}
}

// drawMarks draws dashed lines, and the names for which there is room.
func (c *Chart) drawMarks(on canvas) {
	const dash, letter = 4.0, 6.0 // a letter is about as wide
	free := 0.0
	for _, m := range c.Marks {
		bottom, top := place(Point{m.X, 0}), place(Point{m.X, 1})
		for y := top.Y; y < bottom.Y; y += 2 * dash {
			on.line(ink, 1, []Point{{top.X, y}, {top.X, min(y+dash, bottom.Y)}})
		}
		if width := letter * float64(len(m.Name)+1); top.X >= free && top.X+width < plotRight {
			on.text(ink, textSize, 0, Point{top.X + 4, top.Y + 10}, m.Name)
			free = top.X + width
		}
	}
}

// place returns where a point of the chart is in the file.
func place(p Point) Point {
	return Point{plotLeft + p.X*(plotRight-plotLeft), plotBottom - p.Y*(plotBottom-plotTop)}
}

// SVG writes the chart as a file that needs nothing from elsewhere and follows the
// reader's choice of light or dark. Its error is the writer's.
func (c *Chart) SVG(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif">`+"\n<style>\n%s</style>\n",
		fileWide, fileHigh, fileWide, fileHigh, variables(Green, rule))
	c.draw(svgCanvas{b})
	fmt.Fprintln(b, "</svg>")
	return b.Flush()
}

// svgCanvas writes elements. A bufio.Writer keeps the first error.
type svgCanvas struct{ w *bufio.Writer }

func (s svgCanvas) area(c Colour, points []Point) {
	fmt.Fprintf(s.w, `<path fill="var(--%s)" d="%sZ"/>`+"\n", c, filePath(points))
}

func (s svgCanvas) line(c Colour, width float64, points []Point) {
	fmt.Fprintf(s.w, `<path fill="none" stroke="var(--%s)" stroke-width="%g" d="%s"/>`+"\n", c, width, filePath(points))
}

func filePath(points []Point) string {
	var b strings.Builder
	for i, p := range points {
		if i > 0 && i+1 < len(points) && points[i-1].Y == p.Y && points[i+1].Y == p.Y {
			continue // in the middle of a level line
		}
		command := 'L'
		if i == 0 {
			command = 'M'
		}
		fmt.Fprintf(&b, "%c%.4g %.4g", command, p.X, p.Y)
	}
	return b.String()
}

func (s svgCanvas) text(c Colour, size, anchor float64, at Point, text string) {
	word := map[float64]string{0: "start", 0.5: "middle", 1: "end"}[anchor]
	fmt.Fprintf(s.w, `<text fill="var(--%s)" font-size="%g" text-anchor="%s" x="%.4g" y="%.4g">`, c, size, word, at.X, at.Y)
	_ = xml.EscapeText(s.w, []byte(text))
	fmt.Fprintln(s.w, "</text>")
}
