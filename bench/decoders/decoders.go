package main

import (
	"encoding/json"

	"github.com/bytedance/sonic"
	jsonv2 "github.com/go-json-experiment/json"
	goccy "github.com/goccy/go-json"
	segmentio "github.com/segmentio/encoding/json"

	"github.com/fairback/refund"
	"github.com/fairback/refund/internal/wire"
)

// plainOrder and plainRequest have no UnmarshalJSON, so that each decoder reads
// all by itself.
type (
	plainOrder   refund.Order
	plainRequest refund.Request
	plainLine    struct {
		Order   plainOrder   `json:"order"`
		Request plainRequest `json:"request"`
	}
	line struct {
		Order   refund.Order   `json:"order"`
		Request refund.Request `json:"request"`
	}
	decode func([]byte) (*refund.Order, *refund.Request, error)
)

// A contender is one way to read a line. What it accepts that Fairback's decoder
// refuses is said in docs/adr/0010-json-decoding.md.
type contender struct {
	name   string
	decode func() decode // a fresh one, for one goroutine
}

// by is a contender that reads with a function like json.Unmarshal.
func by(unmarshal func([]byte, any) error) func() decode {
	return func() decode {
		return func(text []byte) (*refund.Order, *refund.Request, error) {
			var v plainLine
			err := unmarshal(text, &v)
			return (*refund.Order)(&v.Order), (*refund.Request)(&v.Request), err
		}
	}
}

var contenders = []contender{
	{"fairback, memory used again (DecideLines)", func() decode {
		reader, err := wire.NewReader[line]()
		return func(text []byte) (*refund.Order, *refund.Request, error) {
			if err != nil {
				return nil, nil, err
			}
			v, err := reader.Decode(text, wire.Input)
			if err != nil {
				return nil, nil, err
			}
			return &v.Order, &v.Request, nil
		}
	}},
	{"fairback, fresh memory (UnmarshalJSON)", func() decode {
		return func(text []byte) (*refund.Order, *refund.Request, error) {
			var v line
			err := wire.DecodeLimited(text, &v, wire.Input)
			return &v.Order, &v.Request, err
		}
	}},
	{"encoding/json around UnmarshalJSON", func() decode {
		return func(text []byte) (*refund.Order, *refund.Request, error) {
			var v line
			err := json.Unmarshal(text, &v)
			return &v.Order, &v.Request, err
		}
	}},
	{"encoding/json", by(json.Unmarshal)},
	{"go-json-experiment/json (v2)", by(func(text []byte, v any) error { return jsonv2.Unmarshal(text, v) })},
	{"bytedance/sonic", by(sonic.ConfigDefault.Unmarshal)},
	{"bytedance/sonic, as strict as the standard", by(sonic.ConfigStd.Unmarshal)},
	{"goccy/go-json", by(goccy.Unmarshal)},
	{"segmentio/encoding", by(segmentio.Unmarshal)},
}
