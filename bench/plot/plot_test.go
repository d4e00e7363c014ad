package plot_test

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/bench/plot"
)

func chart() *plot.Chart {
	return &plot.Chart{
		Title: "a < b", X: "rules", Y: "µs", XTicks: []float64{10, 100, 1000},
		Series: []plot.Series{
			{Name: "flat & strong", Strong: true, Points: []plot.Point{{10, 4}, {100, 4}, {1000, 4}}},
			{Name: "near it", Points: []plot.Point{{10, 3}, {100, 3.9}, {1000, 4.1}}},
			{Name: "steep", Dashed: true, Points: []plot.Point{{10, 1.5}, {1000, 150}}},
		},
	}
}

func TestTheChartIsWellFormedAndTheSameEveryTime(t *testing.T) {
	svg := chart().SVG()
	require.Equal(t, string(svg), string(chart().SVG()))
	texts := map[string]bool{}
	for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if text, ok := token.(xml.CharData); ok {
			texts[string(text)] = true
		}
	}
	for _, want := range []string{"a < b", "rules", "µs", "flat & strong", "near it", "steep", "10", "100", "1000", "1", "200"} {
		require.True(t, texts[want], want)
	}
	require.False(t, texts["0.5"], "the axis begins at the last tick that is not above the points")
	require.NotContains(t, string(svg), "NaN")
}

func TestLabelsDoNotOverlap(t *testing.T) {
	found := regexp.MustCompile(`<text x="604" y="([0-9.]+)">`).FindAllStringSubmatch(string(chart().SVG()), -1)
	require.Len(t, found, 3)
	last := -100.0
	for _, m := range found {
		y, err := strconv.ParseFloat(m[1], 64)
		require.NoError(t, err)
		require.GreaterOrEqual(t, y-last, 17.0)
		last = y
	}
}
