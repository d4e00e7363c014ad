// Package vault puts tokens in the place of personal values, before anything is
// decided or written down, so that a record which is kept for ever names nobody.
//
//	v, err := vault.New(master, keys, "order.weight", "item.opened")
//	...
//	s, err := v.Seal(ctx, &order, &request, map[string]string{"address": address, "email": email})
//	...
//	books := journal.WithLinks(j, s.Links)
//	s.Request.History, err = journal.History(ctx, books, s.Order, s.Request, s.Links, now)
//	...
//	entry, err := journal.Decide(ctx, books, s.Order, s.Request, now, policy.Decide)
//
// A token is made with a random key of its own for each value, which the [Keys] hold.
// The same value has the same token for as long as one of its owners is known. Erase
// a person, and the keys of what was theirs alone are destroyed: no token that stands
// in a record can be made or checked any more, by nobody, and the records still
// verify, as nothing of them has changed.
//
// The master key and the keys do not belong together, and neither belongs to the
// records. Keep the master key where the shop keeps its secrets. Keep the keys out of
// the backups of the journal, and their own backups for days and not for years: a key
// that is restored brings back who was erased. Without the keys, even the holder of
// the master key can only guess a value and look whether the keys know it; without the
// master key, the keys lead nowhere.
//
// # What is sealed
//
// Seal looks at ids of persons, at links and at facts. Everything else of an order and
// a request goes through as it is: its own id, SKUs, titles, tags, reasons, conditions,
// the ids of payments. They are the shop's words; put no name into them. Answer.Reason
// stays, as overrides need it: make it a code, or words without a person in them.
//
// Deciding on what was sealed gives the answer that the clear text would: the same
// outcome, rules and amounts, as tokens are equal where values are. Only a policy that
// compares actor.id with a written id has to be told the token. The fingerprint is of what
// was asked, and no token is in it: it stays the same when somebody is erased. But
// facts that are dropped are in it, so always seal first and decide then. The input
// digest of a decision is another one after an erasure.
package vault

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/fairback/refund"
)

// A Vault makes tokens. Any number of goroutines may use one.
type Vault struct {
	// id is an HMAC under the master key. The key stands in the function alone, so
	// that no way of printing a Vault shows it.
	id    func(kind, value string) ID
	keys  Keys
	facts []string
}

// MinMaster is how many bytes a master key has at least.
const MinMaster = 32

// New makes a vault with a master key of at least MinMaster random bytes. facts are
// the facts that hold nothing personal, by their names in a policy: order.weight,
// customer.trusted, request.channel, item.opened, where item stands for the facts of
// the order's lines and of the asked ones. No other fact passes Seal.
//
// The error is a refund.Errors.
func New(master []byte, keys Keys, facts ...string) (*Vault, error) {
	var errs refund.Errors
	if len(master) < MinMaster {
		errs = append(errs, &refund.Error{
			Code: refund.CodeRange, Field: "master", Message: fmt.Sprintf("%d bytes, at least %d", len(master), MinMaster),
			Hint: "take them from a source of random bytes, once, and keep them",
		})
	}
	if keys == nil {
		errs = append(errs, missing("keys"))
	}
	for _, name := range facts {
		if scope, fact, _ := strings.Cut(name, "."); fact == "" || !slices.Contains(factScopes, scope) {
			errs = append(errs, &refund.Error{
				Code: refund.CodeUnknown, Field: "facts", Message: fmt.Sprintf("%.100q names no fact", name),
				Hint: "a scope and a name: order.weight; the scopes are " + strings.Join(factScopes, ", "),
			})
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	own := slices.Clone(master)
	return &Vault{
		id:   func(kind, value string) ID { return ID(mac(own, kind, "\x00", value)) },
		keys: keys, facts: slices.Clone(facts),
	}, nil
}

var factScopes = []string{"order", "item", "customer", "request"}

func missing(field string) *refund.Error {
	return &refund.Error{Code: refund.CodeMissing, Field: field, Message: "it is missing"}
}

func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// owner is the person in the keys. No kind of value has this name.
func (v *Vault) owner(person string) ID { return v.id("owner", person) }

// Staff is a member of the staff as the person of Token and Erase, apart from a
// customer of the same id.
func Staff(id string) string { return "staff\x00" + id }

// Guest is the buyer of an order without a customer as the person of Token and Erase.
func Guest(order string) string { return guest + order }

const guest = "guest\x00"

// Token is the token of a person's value, 32 hex digits. The value is brought into its
// one form first, see the kinds. The person is the customer's id, Staff or Guest, and
// becomes an owner of the value.
//
// The error is a refund.Errors about the person, kind or value, or what the Keys give.
func (v *Vault) Token(ctx context.Context, person, kind, value string) (string, error) {
	l := list{v: v}
	var out string
	l.add("value", person, kind, value, func(token string) { out = token })
	if person == "" {
		l.errs = append(l.errs, missing("person"))
	}
	return out, l.fill(ctx)
}

// token is what the key of a value makes of its kind.
func token(key Key, kind string) string { return hex.EncodeToString(mac(key[:], kind)[:16]) }

// A list collects values, so that the keys of all of them are taken at once.
type list struct {
	v     *Vault
	wants []Want
	seen  map[[2]ID]int // places in wants, by value and owner
	uses  []use
	errs  refund.Errors
}

// A use is where a token goes.
type use struct {
	want int
	kind string
	set  func(token string)
}

// add notes a value that is to have a token.
func (l *list) add(field, person, kind, value string, set func(token string)) {
	norm, err := normal(field, kind, value)
	if err != nil {
		l.errs = append(l.errs, err)
		return
	}
	at := [2]ID{l.v.id(kind, norm), l.v.owner(person)}
	i, ok := l.seen[at]
	if !ok {
		if l.seen == nil {
			l.seen = map[[2]ID]int{}
		}
		i = len(l.wants)
		l.seen[at] = i
		w := Want{Value: at[0], Owner: at[1]}
		_, _ = rand.Read(w.Fresh[:]) // never fails
		l.wants = append(l.wants, w)
	}
	l.uses = append(l.uses, use{i, kind, set})
}

// fill takes the keys and hands out the tokens.
func (l *list) fill(ctx context.Context) error {
	if len(l.errs) > 0 {
		return l.errs
	}
	if len(l.wants) == 0 {
		return nil
	}
	keys, err := l.v.keys.Take(ctx, l.wants)
	if err != nil {
		return err
	}
	if len(keys) != len(l.wants) {
		return &Error{Err: ErrDamaged, Message: fmt.Sprintf("%d keys were asked for, %d were given", len(l.wants), len(keys))}
	}
	for _, u := range l.uses {
		u.set(token(keys[u.want], u.kind))
	}
	return nil
}
