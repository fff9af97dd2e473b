package chart

import (
	_ "embed"
	"html/template"
	"strings"
	"sync"
)

//go:embed chart.css
var style string

// Style returns the style sheet of charts on a page. It declares the colours of curves;
// the page declares --ink, --soft and --line.
func Style() string { return variables(Green, Stone) + style }

// The units of a picture on a page. It is stretched to its place.
const unitsWide, unitsHigh = 1200, 400

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("chart").Parse(`
<ul class="key">{{range .Key}}<li><svg class="swatch" viewBox="0 0 1 1" aria-hidden="true"><path class="area {{.Colour}}" d="M0 0h1v1H0z"/></svg>
{{- if .Link}}<a href="{{.Link}}">{{.Label}}</a>{{else}}{{.Label}}{{end}}{{with .Value}} <span class="tabular">{{.}}</span>{{end}}</li>{{end}}</ul>
<div class="plot" role="img" aria-label="{{.Says}}">
<div class="ys">{{range .Ys}}<span>{{.}}</span>{{end}}</div>
<svg viewBox="0 0 {{.Wide}} {{.High}}" preserveAspectRatio="none" aria-hidden="true"><path class="grid" d="{{.Grid}}"/>
{{- range .Paths}}<path class="{{.Class}}" d="{{.Data}}"/>{{end}}{{with .MarkLines}}<path class="marks" d="{{.}}"/>{{end}}</svg>
<div class="xs">{{range .X.Labels}}<span>{{.}}</span>{{end}}</div>
</div>
{{with .Caption}}<p class="caption">{{.}}</p>{{end}}
`))
})

// svgPath is a path of a picture on a page.
type svgPath struct{ Class, Data string }

// HTML returns the chart for a page that has [Style], without its title.
func (c Chart) HTML() template.HTML {
	data := struct {
		*Chart
		Wide, High      int
		Ys              []string // the last label first, as they stand
		Grid, MarkLines string
		Paths           []svgPath
	}{Chart: &c, Wide: unitsWide, High: unitsHigh}
	rows := len(c.Y.Labels) - 1
	for i, label := range c.Y.Labels {
		data.Ys = append([]string{label}, data.Ys...)
		at := float64(i) / float64(rows)
		data.Grid += path([]Point{{0, at}, {1, at}}, unitsWide, unitsHigh)
	}
	for i := range c.Layers {
		l := &c.Layers[i]
		data.Paths = append(data.Paths, svgPath{l.class(), path(l.outline(), unitsWide, unitsHigh)})
	}
	for _, m := range c.Marks {
		data.MarkLines += path([]Point{{m.X, 0}, {m.X, 1}}, unitsWide, unitsHigh)
	}
	var b strings.Builder
	if err := pageTemplate().Execute(&b, data); err != nil {
		panic(err) // a strings.Builder takes all, and the template fits its data
	}
	return template.HTML(b.String())
}

// class is what a layer is called in the style sheet.
func (l *Layer) class() string {
	if l.Fill {
		return "area " + l.Colour.String()
	}
	return "curve " + l.Colour.String()
}
