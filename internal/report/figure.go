package report

import (
	"html/template"
	"io"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// figure is a plot with what is written around it.
type figure struct {
	name    string // of its files
	title   string
	caption string
	key     []keyEntry
	// draw makes the plot. A narrow one is for the screens of telephones.
	draw func(narrow bool) *plot.Plot
}

// keyEntry says what a colour stands for.
type keyEntry struct {
	tint  tint
	label string
}

// The sizes of plots, in points: in files, and in the page on wide and on
// narrow screens.
const (
	fileWidth, fileHeight     = 900, 340
	wideWidth, wideHeight     = 900, 270
	narrowWidth, narrowHeight = 340, 230
	keyWidth                  = 110
	edge                      = 22 // at the right, for half of the last tick's label
)

// inline returns the plot as SVG for the page, without its key.
func (f *figure) inline(narrow bool) template.HTML {
	width, height := vg.Length(wideWidth), vg.Length(wideHeight)
	if narrow {
		width, height = narrowWidth, narrowHeight
	}
	c := vgsvg.New(width, height)
	p := f.draw(narrow)
	p.BackgroundColor = nil
	p.Draw(draw.Crop(draw.New(c), 0, -edge, 2, -2))
	var b strings.Builder
	// A strings.Builder takes all.
	_, _ = c.WriteTo(&b)
	text := b.String()
	text = text[strings.Index(text, "<svg"):]
	// What is not from our own tables was escaped by vgsvg.
	return template.HTML(themed(text))
}

func (f *figure) svgFile(w io.Writer) error {
	c := vgsvg.NewWith(vgsvg.UseWH(fileWidth, fileHeight))
	f.framed(draw.New(c))
	_, err := c.WriteTo(w)
	return err
}

func (f *figure) pngFile(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(fileWidth, fileHeight), vgimg.UseDPI(144))
	f.framed(draw.New(c))
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// framed draws the plot with its title above and its key at the right.
func (f *figure) framed(c draw.Canvas) {
	p := f.draw(false)
	p.Title.Text = f.title
	p.Title.Padding = 8
	p.Title.TextStyle.Font = sans(14)
	p.Title.TextStyle.Color = ink.light
	c.SetColor(p.BackgroundColor)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, 8, -8, 8, -8)
	p.Draw(draw.Crop(c, 0, -keyWidth-edge, 0, 0))
	key := plot.NewLegend()
	key.Top, key.Left = true, true
	key.Padding = 5
	key.ThumbnailWidth = 12
	key.TextStyle.Font = sans(11)
	key.TextStyle.Color = ink.light
	for _, e := range f.key {
		key.Add(e.label, swatch{e.tint})
	}
	key.Draw(draw.Crop(c, c.Size().X-keyWidth+12, 0, 0, -30))
}

// swatch is the mark of a key.
type swatch struct{ tint tint }

// Thumbnail fills the whole of its place.
func (s swatch) Thumbnail(c *draw.Canvas) {
	c.SetColor(s.tint.light)
	c.Fill(c.Rectangle.Path())
}

func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// blank returns a plot with nothing in it but its style.
func blank(yLabel string, narrow bool) *plot.Plot {
	p := plot.New()
	size := vg.Length(11)
	if narrow {
		size = 10
	}
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = sans(size)
		axis.Label.TextStyle.Color = faint.light
		axis.Tick.Label.Font = sans(size)
		axis.Tick.Label.Color = faint.light
		axis.Tick.LineStyle.Width = 0
		axis.Tick.Length = 0
		axis.LineStyle.Width = 0
		axis.Padding = 5
	}
	p.Y.Label.Text = yLabel
	p.Y.Label.Padding = 4
	return p
}
