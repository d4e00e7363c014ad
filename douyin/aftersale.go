package douyin

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fairback/refund/aftersale"
	"github.com/fairback/refund/internal/jsondoc"
)

// ParseAftersales reads where cases stand, from the data of afterSale/List, in its
// order, or of afterSale/Detail. An error is [refund.Errors], each with field and
// position; a record with something wrong, such as a number that is not known, is
// left out of the rest, which is given beside the error.
func ParseAftersales(data []byte) ([]aftersale.Record, error) {
	r, root, err := jsondoc.Open(data, "what stands under data in the API's answer")
	if err != nil {
		return nil, err
	}
	p := parser{r}
	var out []aftersale.Record
	switch {
	case root.Has("items"):
		out = jsondoc.Each(r, r.List(root.Field("items"), jsondoc.MaxRecords), p.listed)
	case root.Has("process_info"):
		out = jsondoc.Each(r, []*jsondoc.Node{root}, p.detail)
	default:
		r.Missing(root, "items", "no case stands here; of the API's answer, hand over what stands under data")
	}
	return out, r.Failed()
}

type parser struct{ *jsondoc.Reader }

// names are the keys in which the list and the detail differ.
type names struct{ id, kind, status, amount string }

var (
	listNames   = names{"aftersale_id", "aftersale_type", "aftersale_status", "refund_amount"}
	detailNames = names{"after_sale_id", "after_sale_type", "after_sale_status", "refund_total_amount"}
)

func (p parser) listed(n *jsondoc.Node) aftersale.Record {
	info := p.needObject(n, "aftersale_info")
	if info == nil {
		return aftersale.Record{}
	}
	return p.record(info, info, p.Object(n.Field("order_info")), listNames)
}

func (p parser) detail(n *jsondoc.Node) aftersale.Record {
	process := p.needObject(n, "process_info")
	if process == nil {
		return aftersale.Record{}
	}
	info := p.needObject(process, "after_sale_info")
	if info == nil {
		return aftersale.Record{}
	}
	return p.record(info, p.Object(process.Field("arbitrate_info")), p.Object(n.Field("order_info")), detailNames)
}

func (p parser) needObject(n *jsondoc.Node, key string) *jsondoc.Node {
	if n.Field(key) == nil {
		p.Missing(n, key, "the case is missing")
	}
	return p.Object(n.Field(key))
}

// record reads a case, its arbitration and its order, which may be absent.
func (p parser) record(n, arbitration, order *jsondoc.Node, k names) aftersale.Record {
	before := p.Wrong()
	s := Status{
		Type:      p.needNumber(n, k.kind),
		Aftersale: p.needNumber(n, k.status),
		Refund:    p.number(n.Field("refund_status")),
		Arbitrate: p.number(arbitration.Field("arbitrate_status")),
	}
	readable := p.Wrong() == before
	r := aftersale.Record{
		CaseID:   p.NeedID(n, k.id),
		OrderID:  p.ID(order.Field("shop_order_id")),
		Kind:     kinds[s.Type].kind,
		Wish:     kinds[s.Type].wish,
		Status:   strconv.FormatInt(s.Aftersale, 10),
		At:       p.changed(n),
		Deadline: p.Time(n.Field("status_deadline")),
		Amount:   p.fen(n.Field(k.amount)),
		Currency: "CNY",
	}
	if s.Arbitrate != 0 {
		r.Arbitration = strconv.FormatInt(s.Arbitrate, 10)
	}
	if readable {
		r.State = p.state(s, n, arbitration, k)
	}
	if given := p.fen(n.Field("real_refund_amount")); r.State == aftersale.Refunded {
		r.Paid = given
	}
	return r
}

// state is wrong at the number that is not known.
func (p parser) state(s Status, n, arbitration *jsondoc.Node, k names) aftersale.State {
	state, err := s.state()
	if err == nil {
		return state
	}
	place := n.Field(k.status)
	switch err.Field {
	case "aftersale_type":
		place = n.Field(k.kind)
	case "refund_status":
		place = n.Field("refund_status")
	case "arbitrate_status":
		place = arbitration.Field("arbitrate_status")
	}
	p.Fail(place, err.Code, err.Message, err.Hint)
	return ""
}

// changed is when the case last changed. A detail may come without update_time;
// then it is the latest of what it says of the case.
func (p parser) changed(n *jsondoc.Node) time.Time {
	before := p.Wrong()
	if t := p.Time(n.Field("update_time")); !t.IsZero() {
		return t
	}
	var last time.Time
	for _, key := range []string{"apply_time", "refund_time", "aftersale_status_to_final_time"} {
		if t := p.Time(n.Field(key)); t.After(last) {
			last = t
		}
	}
	if last.IsZero() && p.Wrong() == before {
		p.Missing(n, "update_time", "when it last changed is missing")
	}
	return last
}

func (p parser) number(n *jsondoc.Node) int64 {
	v, _ := p.Whole(n)
	return v
}

func (p parser) needNumber(n *jsondoc.Node, key string) int64 {
	if n.Field(key) == nil {
		p.Missing(n, key, "a number is missing")
	}
	return p.number(n.Field(key))
}

// fen is an amount in hundredths of a yuan, 0 where it is absent.
func (p parser) fen(n *jsondoc.Node) decimal.Decimal { return decimal.New(p.number(n), -2) }
