//go:build linux

package interop

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// pictured are the screens that README.md shows.
var pictured = []string{"provision-1280-light.png", "fleet-overview-1280-light.png"}

// TestPictures makes the pictures of README.md from the screenshots, where
// $PROVSIM_PICTURES says. What makes them small is tested always.
func TestPictures(t *testing.T) {
	dir := os.Getenv("PROVSIM_PICTURES")
	if dir == "" {
		t.Skip("PROVSIM_PICTURES names no folder; make pictures does")
	}
	for _, name := range pictured {
		shot, err := os.ReadFile(filepath.Join(os.Getenv("PROVSIM_SCREENSHOTS"), name))
		if err != nil {
			t.Fatal(err)
		}
		small, err := smaller(shot)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), small, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// pictureHeight is how much of a long page a picture shows.
const pictureHeight = 1040

// smaller cuts a picture off below and leaves it its most frequent colours.
func smaller(shot []byte) ([]byte, error) {
	whole, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		return nil, err
	}
	size := whole.Bounds().Intersect(image.Rect(0, 0, whole.Bounds().Dx(), pictureHeight))
	few := image.NewPaletted(size, frequent(whole, size))
	draw.Draw(few, size, whole, size.Min, draw.Src)
	var b bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, few)
	return b.Bytes(), err
}

// frequent returns the 64 most frequent colours of a part of a picture.
func frequent(p image.Image, part image.Rectangle) color.Palette {
	counts := map[color.RGBA]int{}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			counts[color.RGBAModel.Convert(p.At(x, y)).(color.RGBA)]++
		}
	}
	all := make([]color.RGBA, 0, len(counts))
	for c := range counts {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range all[:min(len(all), 64)] {
		palette = append(palette, c)
	}
	return palette
}

func TestSmaller(t *testing.T) {
	long := image.NewRGBA(image.Rect(0, 0, 8, 2*pictureHeight))
	red := color.RGBA{200, 0, 0, 255}
	draw.Draw(long, image.Rect(0, 0, 8, 10), image.NewUniform(red), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, long); err != nil {
		t.Fatal(err)
	}
	small, err := smaller(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	p, err := png.Decode(bytes.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	if size := p.Bounds().Size(); size != image.Pt(8, pictureHeight) || color.RGBAModel.Convert(p.At(3, 3)) != red {
		t.Errorf("%v pixels, colour %v, want 8 by %d and %v", size, p.At(3, 3), pictureHeight, red)
	}
}
