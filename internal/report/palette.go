package report

import (
	"fmt"
	"image/color"
	"strings"

	"provsim/internal/tally"
)

// tint is a colour that has a name in the page's style sheet, where the reader's
// choice of light or dark decides what it is.
type tint struct {
	variable string
	light    color.RGBA
}

// What plots are made of. No two light colours are equal, and none is black,
// which SVG leaves out as its default.
var (
	ink       = tint{"--ink", color.RGBA{0x1f, 0x29, 0x33, 0xff}}
	faint     = tint{"--faint", color.RGBA{0x66, 0x70, 0x85, 0xff}}
	grid      = tint{"--line", color.RGBA{0xe4, 0xe8, 0xee, 0xff}}
	blue      = tint{"--blue", color.RGBA{0x2f, 0x6f, 0xde, 0xff}}
	paleBlue  = tint{"--pale-blue", color.RGBA{0xa9, 0xc5, 0xf2, 0xff}}
	green     = tint{"--green", color.RGBA{0x2a, 0x9d, 0x68, 0xff}}
	red       = tint{"--red", color.RGBA{0xd6, 0x45, 0x45, 0xff}}
	amber     = tint{"--amber", color.RGBA{0xe2, 0xa3, 0x2b, 0xff}}
	stone     = tint{"--stone", color.RGBA{0xc9, 0xd0, 0xd9, 0xff}}
	allTints  = [...]tint{ink, faint, grid, blue, paleBlue, green, red, amber, stone}
	stateTint = [tally.NumStates]tint{
		tally.Off: stone, tally.Booting: amber, tally.Waiting: paleBlue, tally.Fetching: blue,
		tally.Provisioned: green, tally.Failed: red,
	}
)

// themed puts the names of the style sheet in place of the light colours.
func themed(svg string) string {
	var pairs []string
	for _, t := range allTints {
		hex := fmt.Sprintf("#%02X%02X%02X", t.light.R, t.light.G, t.light.B)
		pairs = append(pairs, hex, "var("+t.variable+")")
	}
	return strings.NewReplacer(pairs...).Replace(svg)
}
