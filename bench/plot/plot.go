// Package plot draws lines on logarithmic axes as an SVG that reads on light and
// on dark pages.
package plot

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
)

// A Chart is one picture.
type Chart struct {
	Title  string
	X, Y   string    // what the axes show
	XTicks []float64 // in order; they span the axis
	Series []Series
}

// A Series is one line. Its points are in order of X.
type Series struct {
	Name   string
	Points []Point
	Strong bool // drawn thicker
	Dashed bool
}

// A Point has both coordinates above zero.
type Point struct{ X, Y float64 }

// The picture's measures.
const (
	width, height            = 780, 440
	left, right, top, bottom = 64, 200, 46, 56
	labelHeight              = 17
)

// Colours in the order of the series, of a middle lightness, which stands out
// from white and from black.
var colours = []string{"#2f7de1", "#d9772b", "#b08f1a", "#2a9d6f", "#a463d6", "#d9486e", "#6f8797"}

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #333 }
.title { font-size: 16px; font-weight: 600 }
.grid { stroke: #888; stroke-opacity: .28 }
.axis { stroke: #888 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } }
</style>
`

type drawing struct {
	*Chart
	b            bytes.Buffer
	yTicks       []float64
	xFrom, xSpan float64 // of the logarithms
	yFrom, ySpan float64
}

// SVG is the chart, the same bytes for the same chart.
func (c *Chart) SVG() []byte {
	d := &drawing{Chart: c}
	d.scale()
	d.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`+"\n", width, height, width, height, escape(c.Title))
	d.b.WriteString(style)
	d.add(`<text class="title" x="%d" y="24">%s</text>`+"\n", left, escape(c.Title))
	d.axes()
	for i := range c.Series {
		d.line(i)
	}
	d.labels()
	d.add("</svg>\n")
	return d.b.Bytes()
}

func (d *drawing) add(format string, args ...any) { fmt.Fprintf(&d.b, format, args...) }

func escape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.String()
}

// scale lays the axes: X over its ticks, Y over ticks of 1, 2 and 5 around all
// points.
func (d *drawing) scale() {
	d.xFrom = math.Log(d.XTicks[0])
	d.xSpan = math.Log(d.XTicks[len(d.XTicks)-1]) - d.xFrom
	low, high := math.Inf(1), 0.0
	for _, s := range d.Series {
		for _, p := range s.Points {
			low, high = min(low, p.Y), max(high, p.Y)
		}
	}
	var ticks []float64
	for decade := math.Pow(10, math.Floor(math.Log10(low))); decade <= 10*high; decade *= 10 {
		ticks = append(ticks, decade, 2*decade, 5*decade)
	}
	from, to := 0, slices.IndexFunc(ticks, func(t float64) bool { return t >= high })
	for from+1 < to && ticks[from+1] <= low {
		from++
	}
	d.yTicks = ticks[from : to+1]
	d.yFrom = math.Log(d.yTicks[0])
	d.ySpan = math.Log(d.yTicks[len(d.yTicks)-1]) - d.yFrom
}

func (d *drawing) x(v float64) float64 {
	return left + (math.Log(v)-d.xFrom)/d.xSpan*(width-left-right)
}

func (d *drawing) y(v float64) float64 {
	return height - bottom - (math.Log(v)-d.yFrom)/d.ySpan*(height-top-bottom)
}

func (d *drawing) axes() {
	for _, t := range d.yTicks {
		d.add(`<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/>`+"\n", left, d.y(t), width-right, d.y(t))
		d.add(`<text x="%d" y="%.1f" text-anchor="end">%g</text>`+"\n", left-8, d.y(t)+4, t)
	}
	for _, t := range d.XTicks {
		d.add(`<line class="grid" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`+"\n", d.x(t), top, d.x(t), height-bottom)
		d.add(`<text x="%.1f" y="%d" text-anchor="middle">%g</text>`+"\n", d.x(t), height-bottom+20, t)
	}
	d.add(`<path class="axis" fill="none" d="M%d %dV%dH%d"/>`+"\n", left, top, height-bottom, width-right)
	d.add(`<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", (left+width-right)/2, height-12, escape(d.X))
	d.add(`<text transform="translate(18 %d) rotate(-90)" text-anchor="middle">%s</text>`+"\n", (top+height-bottom)/2, escape(d.Y))
}

func colour(i int) string { return colours[i%len(colours)] }

func (d *drawing) line(i int) {
	s := &d.Series[i]
	thickness, dash := 1.8, ""
	if s.Strong {
		thickness = 3.2
	}
	if s.Dashed {
		dash = ` stroke-dasharray="6 4"`
	}
	d.add(`<polyline fill="none" stroke="%s" stroke-width="%g"%s points="`, colour(i), thickness, dash)
	for k, p := range s.Points {
		if k > 0 {
			d.add(" ")
		}
		d.add("%.1f,%.1f", d.x(p.X), d.y(p.Y))
	}
	d.add("\"/>\n")
	for _, p := range s.Points {
		d.add(`<circle cx="%.1f" cy="%.1f" r="3.2" fill="%s"><title>%s, %g: %.1f</title></circle>`+"\n", d.x(p.X), d.y(p.Y), colour(i), escape(s.Name), p.X, p.Y)
	}
}

// labels stand at the ends of the lines, moved apart where they would overlap.
func (d *drawing) labels() {
	type label struct {
		series int
		y      float64
	}
	var list []label
	for i, s := range d.Series {
		if len(s.Points) > 0 {
			list = append(list, label{i, d.y(s.Points[len(s.Points)-1].Y)})
		}
	}
	slices.SortStableFunc(list, func(a, b label) int {
		switch {
		case a.y < b.y:
			return -1
		case a.y > b.y:
			return 1
		}
		return 0
	})
	for i := 1; i < len(list); i++ {
		list[i].y = max(list[i].y, list[i-1].y+labelHeight)
	}
	floor := float64(height - bottom)
	for i := len(list) - 1; i >= 0; i-- {
		list[i].y = min(list[i].y, floor)
		floor = list[i].y - labelHeight
	}
	for _, l := range list {
		s := &d.Series[l.series]
		last := s.Points[len(s.Points)-1]
		d.add(`<line x1="%.1f" y1="%.1f" x2="%d" y2="%.1f" stroke="%s" stroke-opacity=".6"/>`+"\n", d.x(last.X)+4, d.y(last.Y), width-right+20, l.y, colour(l.series))
		d.add(`<text x="%d" y="%.1f">%s</text>`+"\n", width-right+24, l.y+4, escape(s.Name))
	}
}
