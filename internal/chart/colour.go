package chart

import (
	"fmt"
	"image/color"
	"strings"
)

// Colour is what something in a chart is drawn with, in the light and in the dark.
type Colour uint8

// The colours.
const (
	Green Colour = iota
	Red
	Blue
	Pale
	Amber
	Stone

	paper // the background of a file
	ink   // what is written largest
	soft  // what is written beside it
	rule  // lines of the grid
)

// colours have a name in style sheets, and a light and a dark value.
var colours = [...]struct {
	name        string
	light, dark uint32
}{
	Green: {"green", 0x2a9d68, 0x3db681}, Red: {"red", 0xd64545, 0xea6a6a}, Blue: {"blue", 0x2f6fde, 0x5b94f5},
	Pale: {"pale", 0xa9c5f2, 0x35547f}, Amber: {"amber", 0xe2a32b, 0xe8b54a}, Stone: {"stone", 0xc9d0d9, 0x4a5563},
	paper: {"paper", 0xffffff, 0x1a2220}, ink: {"ink", 0x16211e, 0xe6ecea}, soft: {"soft", 0x51605b, 0xa7b4af}, rule: {"line", 0xc9d2ce, 0x34413d},
}

// String returns the colour's name in style sheets.
func (c Colour) String() string { return colours[c].name }

// rgb returns the light value.
func (c Colour) rgb() color.RGBA {
	v := colours[c].light
	return color.RGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

// variables declares the colours from a first to a last one for a style sheet.
func variables(first, last Colour) string {
	var light, dark strings.Builder
	for c := first; c <= last; c++ {
		fmt.Fprintf(&light, "--%s:#%06x;", c, colours[c].light)
		fmt.Fprintf(&dark, "--%s:#%06x;", c, colours[c].dark)
	}
	return fmt.Sprintf(":root{%s}\n@media (prefers-color-scheme: dark){:root{%s}}\n", light.String(), dark.String())
}
