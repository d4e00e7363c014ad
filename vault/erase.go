package vault

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
)

// Erase forgets a person: a customer's id, Staff or Guest. Values that were theirs
// alone lose their keys for ever; it gives how many. What another person shares, as
// the address of a household, stays until the last of them is erased. Somebody who
// comes back later has new tokens, which tie nothing to what was before.
//
// The books of the person's orders are found by a token that is gone afterwards, so
// use Forget where there is a journal.
func (v *Vault) Erase(ctx context.Context, person string) (int, error) {
	if person == "" {
		return 0, refund.Errors{missing("person")}
	}
	return v.keys.Erase(ctx, v.owner(person))
}

// A Forgotten is what Forget has done.
type Forgotten struct {
	Orders []string // whose books hold the person, sorted
	Values int      // how many values have lost their key
}

// Forget erases a person and says so in the books of their orders: those with a record
// whose Links hold the customer's token, or the order of a Guest. Each gets a record of
// kind RecordErased, at the instant at, unless its last word says so already. The
// records come first, as nothing finds the orders once the key is gone; after an error
// do it again. What is written under the token meanwhile is missed, so close the account
// before.
func (v *Vault) Forget(ctx context.Context, j journal.Journal, person string, at time.Time) (Forgotten, error) {
	var out Forgotten
	if person == "" {
		return out, refund.Errors{missing("person")}
	}
	orders, token, err := v.ordersOf(ctx, j, person)
	if err != nil {
		return out, err
	}
	for _, order := range orders {
		said, err := saysErased(ctx, j, order, token)
		if err != nil {
			return out, err
		}
		if !said {
			if _, err := j.Write(ctx, &refund.Record{Order: order, Kind: refund.RecordErased, At: at}); err != nil {
				return out, err
			}
		}
		out.Orders = append(out.Orders, order)
	}
	out.Values, err = v.Erase(ctx, person)
	return out, err
}

// ordersOf are the orders of a person and the token that ties them. A person without a
// token has none; looking for it gives none.
func (v *Vault) ordersOf(ctx context.Context, j journal.Journal, person string) ([]string, string, error) {
	if order, ok := strings.CutPrefix(person, guest); ok {
		return []string{order}, "", nil
	}
	// Of Staff there is no such value: the books do not tell who of the shop had a hand
	// in an order.
	key, ok, err := v.keys.Find(ctx, v.id(KindCustomer, person))
	if err != nil || !ok {
		return nil, "", err
	}
	customer := token(key, KindCustomer)
	var orders []string
	for e, err := range j.Linked(ctx, customer) {
		if err != nil {
			return nil, "", err
		}
		r, err := e.Record()
		if err != nil {
			return nil, "", err
		}
		orders = append(orders, r.Order)
	}
	slices.Sort(orders)
	return slices.Compact(orders), customer, nil
}

// saysErased: the books need no further word that the person was erased, as they end
// with it, or hold nothing.
func saysErased(ctx context.Context, j journal.Journal, order, token string) (bool, error) {
	said := true
	for e, err := range j.Records(ctx, order) {
		if err != nil {
			return false, err
		}
		r, err := e.Record()
		if err != nil {
			return false, err
		}
		if r.Kind == refund.RecordErased {
			said = true
		} else if r.Links[KindCustomer] == token {
			said = false
		}
	}
	return said, nil
}
