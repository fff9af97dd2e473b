package chart

import (
	"image"
	"image/draw"
	"image/png"
	"io"
	"math"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// scale is how many pixels a point of a file has.
const scale = 2

// PNG writes the chart as a file in its light colours. Its error is the writer's.
func (c *Chart) PNG(w io.Writer) error {
	p := &pngCanvas{image: image.NewRGBA(image.Rect(0, 0, fileWide*scale, fileHigh*scale)), faces: map[float64]font.Face{}}
	c.draw(p)
	return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(w, p.image)
}

// pngCanvas draws pixels.
type pngCanvas struct {
	image *image.RGBA
	faces map[float64]font.Face // by size
}

func (p *pngCanvas) area(c Colour, points []Point) { p.fill(c, [][]Point{points}) }

// line draws each piece as a box that is longer by half its width at both ends, so that
// corners are whole.
func (p *pngCanvas) line(c Colour, width float64, points []Point) {
	var boxes [][]Point
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		long := math.Hypot(b.X-a.X, b.Y-a.Y)
		if long == 0 {
			continue
		}
		x, y := (b.X-a.X)/long*width/2, (b.Y-a.Y)/long*width/2
		boxes = append(boxes, []Point{{a.X - x + y, a.Y - y - x}, {b.X + x + y, b.Y + y - x}, {b.X + x - y, b.Y + y + x}, {a.X - x - y, a.Y - y + x}})
	}
	p.fill(c, boxes)
}

// fill fills shapes, and looks at no more of the picture than they take up.
func (p *pngCanvas) fill(c Colour, shapes [][]Point) {
	low, high := Point{fileWide, fileHigh}, Point{}
	for _, at := range slices.Concat(shapes...) {
		low = Point{min(low.X, at.X), min(low.Y, at.Y)}
		high = Point{max(high.X, at.X), max(high.Y, at.Y)}
	}
	box := image.Rect(int(low.X*scale), int(low.Y*scale), int(high.X*scale)+1, int(high.Y*scale)+1).Intersect(p.image.Rect)
	if box.Empty() {
		return
	}
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	for _, shape := range shapes {
		for i, at := range shape {
			x, y := float32(at.X*scale)-float32(box.Min.X), float32(at.Y*scale)-float32(box.Min.Y)
			if i == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	r.Draw(p.image, box, image.NewUniform(c.rgb()), image.Point{})
}

func (p *pngCanvas) text(c Colour, size, anchor float64, at Point, text string) {
	face := p.face(size)
	d := font.Drawer{Dst: draw.Image(p.image), Src: image.NewUniform(c.rgb()), Face: face}
	left := at.X*scale - anchor*float64(d.MeasureString(text))/64
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(left * 64), Y: fixed.Int26_6(at.Y * scale * 64)}
	d.DrawString(text)
}

// face returns the typeface in a size.
func (p *pngCanvas) face(size float64) font.Face {
	if p.faces[size] == nil {
		typeface, err := opentype.Parse(goregular.TTF)
		if err == nil {
			p.faces[size], err = opentype.NewFace(typeface, &opentype.FaceOptions{Size: size * scale, DPI: 72, Hinting: font.HintingFull})
		}
		if err != nil {
			panic(err) // the typeface is part of this program
		}
	}
	return p.faces[size]
}
