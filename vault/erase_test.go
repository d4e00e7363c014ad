package vault_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/vault"
)

// book decides a request for an order and writes it down.
func book(t *testing.T, v *vault.Vault, j journal.Journal, o *refund.Order, r *refund.Request, links map[string]string) *vault.Sealed {
	s, err := v.Seal(ctx, o, r, links)
	require.NoError(t, err)
	_, err = journal.Decide(ctx, journal.WithLinks(j, s.Links), s.Order, s.Request, noon, deskPolicy(t).Decide)
	require.NoError(t, err)
	return s
}

func order(id, customer string) *refund.Order {
	o := lamp(customer)
	o.ID = id
	return o
}

// kinds are the records of an order, as their kinds, each chained to the one before.
func kinds(t *testing.T, j journal.Journal, order string) string {
	var out []string
	prev := ""
	for e, err := range j.Records(ctx, order) {
		require.NoError(t, err)
		require.Equal(t, journal.HashOf(e.Data), e.Hash)
		r, err := e.Record()
		require.NoError(t, err)
		require.Equal(t, prev, r.Prev)
		require.EqualValues(t, len(out)+1, r.Seq)
		prev = e.Hash.String()
		out = append(out, r.Kind)
	}
	return strings.Join(out, " ")
}

// stopping are keys that cannot erase.
type stopping struct{ vault.Keys }

func (stopping) Erase(context.Context, vault.ID) (int, error) { return 0, errors.New("stopped") }

func TestThePersonIsForgottenAndTheBooksStand(t *testing.T) {
	t.Run("in memory", func(t *testing.T) { forgets(t, new(journal.Memory)) })
	t.Run("on the disk", func(t *testing.T) {
		path := t.TempDir()
		j, err := journal.Open(path, journal.Options{})
		require.NoError(t, err)
		forgets(t, j)
		head := j.Head()
		require.NoError(t, j.Close())
		checked, err := journal.Verify(path, head)
		require.NoError(t, err)
		assert.EqualValues(t, 5, checked.Head.Records, "three reservations, and two words that Ann was erased")
	})
}

func forgets(t *testing.T, j journal.Journal) {
	keys := new(vault.Memory)
	v := newVault(t, keys, "order.weight")
	home := map[string]string{"address": "1 Main St", "email": "ann@x.example"}
	was := book(t, v, j, order("A", "ann"), ask("R", 1), home)
	book(t, v, j, order("B", "ann"), ask("R", 1), map[string]string{"device": "d1"})
	bob := book(t, v, j, order("C", "bob"), ask("R", 1), map[string]string{"address": "1 Main St"})
	require.Equal(t, was.Links["address"], bob.Links["address"])

	// The machine stops between the books and the keys: it is done again.
	_, err := newVault(t, stopping{keys}).Forget(ctx, j, "ann", noon.Add(time.Hour))
	require.EqualError(t, err, "stopped")
	done, err := v.Forget(ctx, j, "ann", noon.Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, vault.Forgotten{Orders: []string{"A", "B"}, Values: 3}, done, "the id, the mail and the device; the address is Bob's too")
	assert.Equal(t, "reserved erased", kinds(t, j, "A"))
	assert.Equal(t, "reserved erased", kinds(t, j, "B"))
	assert.Equal(t, "reserved", kinds(t, j, "C"))

	again, err := v.Seal(ctx, order("A", "ann"), ask("R", 1), home)
	require.NoError(t, err)
	assert.NotEqual(t, was.Links["customer"], again.Links["customer"])
	assert.NotEqual(t, was.Links["email"], again.Links["email"])
	assert.Equal(t, was.Links["address"], again.Links["address"])

	done, err = v.Forget(ctx, j, "eve", noon)
	require.NoError(t, err)
	assert.Equal(t, vault.Forgotten{}, done)
	_, err = v.Forget(ctx, j, "", noon)
	assert.EqualError(t, err, "person: it is missing")
}

// What is written under the token after the first attempt is said again.
func TestWhatCameBetweenIsForgottenToo(t *testing.T) {
	keys, j := new(vault.Memory), new(journal.Memory)
	v := newVault(t, keys, "order.weight")
	book(t, v, j, order("A", "ann"), ask("R", 1), nil)
	_, err := newVault(t, stopping{keys}).Forget(ctx, j, "ann", noon)
	require.Error(t, err)
	book(t, v, j, order("A", "ann"), ask("S", 1), nil)
	_, err = v.Forget(ctx, j, "ann", noon)
	require.NoError(t, err)
	assert.Equal(t, "reserved erased reserved erased", kinds(t, j, "A"))
}

func TestAGuestAndAMemberOfStaffAreForgotten(t *testing.T) {
	j := new(journal.Memory)
	v := newVault(t, new(vault.Memory), "order.weight")
	r := ask("R", 1)
	r.Actor = &refund.Actor{Kind: refund.ByAgent, ID: "p1"}
	book(t, v, j, order("A", ""), r, map[string]string{"email": "a@x.example"})
	for _, c := range []struct {
		person string
		want   vault.Forgotten
	}{
		{vault.Guest("A"), vault.Forgotten{Orders: []string{"A"}, Values: 1}},
		{vault.Staff("p1"), vault.Forgotten{Values: 1}},
		{vault.Staff(strings.Repeat("x", 1024)), vault.Forgotten{}},
	} {
		done, err := v.Forget(ctx, j, c.person, noon)
		require.NoError(t, err)
		assert.Equal(t, c.want, done)
	}
	assert.Equal(t, "reserved erased", kinds(t, j, "A"))
}

func TestABookThatCannotBeWrittenKeepsTheKeys(t *testing.T) {
	j := new(journal.Memory)
	v := newVault(t, new(vault.Memory), "order.weight")
	s := book(t, v, j, order("A", "ann"), ask("R", 1), nil)
	require.NoError(t, j.Close())
	_, err := v.Forget(ctx, j, "ann", noon)
	require.ErrorIs(t, err, journal.ErrClosed)
	assert.Equal(t, s.Links["customer"], token(t, v, "ann", vault.KindCustomer, "ann"))
}
