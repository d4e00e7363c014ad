package vault_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
	"github.com/fairback/refund/vault"
)

var (
	ctx    = context.Background()
	noon   = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	master = []byte("0123456789abcdef0123456789abcdef")
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func newVault(t require.TestingT, keys vault.Keys, facts ...string) *vault.Vault {
	v, err := vault.New(master, keys, facts...)
	require.NoError(t, err)
	return v
}

func token(t require.TestingT, v *vault.Vault, person, kind, value string) string {
	s, err := v.Token(ctx, person, kind, value)
	require.NoError(t, err)
	return s
}

func TestTheSameValueHasTheSameToken(t *testing.T) {
	v := newVault(t, new(vault.Memory))
	for _, c := range []struct {
		kind, a, b string
		same       bool
	}{
		{vault.KindEmail, "Ann@Shop.example", " ann@shop.EXAMPLE\n", true},
		{vault.KindEmail, "ann@shop.example", "ann+x@shop.example", false},
		{vault.KindEmail, "ann@shop.example", "a.nn@shop.example", false},
		{vault.KindPhone, "+49 (30) 901-820", "+4930901820", true},
		{vault.KindPhone, "tel: +49 30 901820", "+4930901820", true},
		{vault.KindPhone, "+4930901820", "004930901820", false},
		{vault.KindPhone, "030+901", "030901", true},
		{vault.KindAddress, " 1 Main St\t", "1 Main St", true},
		{vault.KindAddress, "1 Main St", "1 main st", false},
		{vault.KindAddress, "caf\u00e9", "cafe\u0301", false},
		{vault.KindDevice, "d1", " d1", true},
		{vault.KindPayment, "fp_1", "fp_1 ", true},
		{vault.KindCustomer, "7", "7 ", false},
		{vault.KindCustomer, "Ann", "ann", false},
		{vault.KindStaff, "p1", "p1", true},
		{vault.KindStaff, "p1", "P1", false},
	} {
		a, b := token(t, v, "7", c.kind, c.a), token(t, v, "8", c.kind, c.b)
		assert.Equal(t, c.same, a == b, "%s: %q and %q", c.kind, c.a, c.b)
		assert.Regexp(t, "^[0-9a-f]{32}$", a)
	}
	seen := map[string]string{}
	for _, kind := range []string{"customer", "staff", "address", "device", "payment", "email", "phone"} {
		s := token(t, v, "7", kind, "491")
		assert.Empty(t, seen[s], "one text, another kind: %s", kind)
		seen[s] = kind
	}
}

func TestWhatHasNoTokenIsRefused(t *testing.T) {
	v := newVault(t, new(vault.Memory))
	for _, c := range []struct{ person, kind, value, want string }{
		{"7", "name", "Ann", "value: there is no kind of value \"name\"; the kinds are customer, staff, address, device, payment, email, phone"},
		{"7", "email", "", "value: the value is empty"},
		{"7", "email", " \t", "value: nothing is left of the value in its one form"},
		{"7", "phone", "unknown", "value: nothing is left of the value in its one form"},
		{"7", "phone", "+", "value: nothing is left of the value in its one form"},
		{"7", "address", strings.Repeat("x", 1025), "value: 1025 bytes, at most 1024"},
		{"7", "address", "\xff", "value: the text is not valid UTF-8"},
		{"7", "staff", "p1 ", "value: the id of a person has blanks at an end or characters that cannot be seen"},
		{"7", "staff", "p\u200b1", "value: the id of a person has blanks at an end or characters that cannot be seen"},
		{"7", "customer", "guest\x00A", "value: the id of a customer has a zero byte in it"},
		{"", "email", "a@b.example", "person: it is missing"},
	} {
		s, err := v.Token(ctx, c.person, c.kind, c.value)
		assert.EqualError(t, err, c.want)
		assert.IsType(t, refund.Errors{}, err)
		assert.Empty(t, s)
	}
	_, err := v.Erase(ctx, "")
	assert.EqualError(t, err, "person: it is missing")
}

func TestAVaultNeedsALongKeyAndNamesOfFacts(t *testing.T) {
	_, err := vault.New(master[:31], nil, "weight", "order.weight", "decision.tag", "item.")
	assert.EqualError(t, err, `master: 31 bytes, at least 32
keys: it is missing
facts: "weight" names no fact
facts: "decision.tag" names no fact
facts: "item." names no fact`)
}

// The caller's key may be wiped, and no print of a vault shows it.
func TestTheMasterKeyIsKeptAndNotShown(t *testing.T) {
	keys, own := new(vault.Memory), bytes.Clone(master)
	v, err := vault.New(own, keys)
	require.NoError(t, err)
	before := token(t, v, "7", vault.KindEmail, "a@b.example")
	clear(own)
	assert.Equal(t, before, token(t, v, "7", vault.KindEmail, "a@b.example"))
	for _, form := range []string{"%v", "%+v", "%#v", "%d", "%x", "%s"} {
		shown := fmt.Sprintf(form, v) + fmt.Sprintf(form, *v)
		for _, key := range []string{string(master), fmt.Sprintf("%x", master), strings.Trim(fmt.Sprint(master), "[]")} {
			assert.NotContains(t, shown, key, form)
		}
	}
}

func TestAnotherMasterKeyFindsNothing(t *testing.T) {
	keys := new(vault.Memory)
	v := newVault(t, keys)
	w, err := vault.New([]byte("another key of thirty-two bytes!"), keys)
	require.NoError(t, err)
	was := token(t, v, "7", vault.KindCustomer, "7")
	n, err := w.Erase(ctx, "7")
	require.NoError(t, err)
	assert.Zero(t, n)
	assert.NotEqual(t, was, token(t, w, "7", vault.KindCustomer, "7"))
	assert.Equal(t, was, token(t, v, "7", vault.KindCustomer, "7"))
}

func TestWhatIsSharedStaysUntilTheLastOwnerIsErased(t *testing.T) {
	v := newVault(t, new(vault.Memory))
	home := func(person string) string { return token(t, v, person, vault.KindAddress, "1 Main St") }
	mail := func() string { return token(t, v, "ann", vault.KindEmail, "ann@x.example") }
	was, mailed := home("ann"), mail()
	require.Equal(t, was, home("bob"))

	for _, c := range []struct {
		person string
		values int
	}{{"ann", 1}, {"ann", 0}, {"eve", 0}} { // Ann's mail; the address is Bob's too
		n, err := v.Erase(ctx, c.person)
		require.NoError(t, err)
		assert.Equal(t, c.values, n, c.person)
	}
	assert.Equal(t, was, home("bob"))
	n, err := v.Erase(ctx, "bob")
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.NotEqual(t, was, home("bob"), "its key is gone")
	assert.NotEqual(t, mailed, mail())
}

func TestStaffGuestsAndCustomersAreApart(t *testing.T) {
	v := newVault(t, new(vault.Memory))
	customer := token(t, v, "7", vault.KindCustomer, "7")
	staff := token(t, v, vault.Staff("7"), vault.KindStaff, "7")
	guest := token(t, v, vault.Guest("7"), vault.KindEmail, "a@x.example")
	for _, person := range []string{"7", vault.Staff("7"), vault.Guest("7")} {
		n, err := v.Erase(ctx, person)
		require.NoError(t, err)
		assert.Equal(t, 1, n, "%q", person)
	}
	assert.NotEqual(t, customer, token(t, v, "7", vault.KindCustomer, "7"))
	assert.NotEqual(t, staff, token(t, v, vault.Staff("7"), vault.KindStaff, "7"))
	assert.NotEqual(t, guest, token(t, v, vault.Guest("7"), vault.KindEmail, "a@x.example"))
}
