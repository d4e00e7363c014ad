package refund

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/internal/exact"
)

// elsewhere are the cases that this library decides before or after its
// arithmetic, or does not decide at all.
var elsewhere = map[string]string{
	"medusa-refuse-receive-over-requested":  "taking parcels in is the warehouse's; the library sees what was received",
	"spree-receive-over-requested":          "taking parcels in is the warehouse's",
	"spree-received-damaged-no-restock":     "where received goods go is the warehouse's",
	"presta-refuse-qty-0":                   "a quantity of zero is an error of the request, before any amount",
	"presta-refuse-returns-disabled":        "a rule of a policy",
	"saleor-gift-card-line":                 "a rule of a policy",
	"saleor-granted-refund-balance":         "what the shop's books then owe is not part of a decision",
	"solidus-window-boundary":               "a window of a policy",
	"solidus-window-inside":                 "a window of a policy",
	"spree-window-5-of-30":                  "a window of a policy",
	"spree-window-60-of-30-staff":           "a window of a policy",
	"spree-window-market-14":                "a window of a policy",
	"spree-cancel-no-refund":                "whether a cancel pays is a rule of the policy",
	"spree-refuse-refund-before-receipt":    "paid after_inspection is a term of the policy; the amount is the same",
	"spree-refuse-zero":                     "an amount of zero is an error of the request",
	"sylius-refuse-negative-unit-amount":    "an amount below zero is an error of the request",
	"vendure-refuse-payment-of-other-order": "a request names no payment; the policy says where money goes",
}

// differs are the cases in which this library gives another answer, and why.
var differs = map[string]string{
	"magento-last-item-takes-remainder":   "two of three units carried 8.25 of 12.38 tax here, 8.26 there; the last one takes the rest, 4.13",
	"magento-half-shipping-tax":           "as magento-last-item-takes-remainder; half of the shipping tax is 0.62 here too",
	"killbill-refuse-items-mismatch":      "an amount asked for caps what is paid, it is not held against a sum",
	"presta-clamp":                        "the cap is what is left of the line, not of the units asked for",
	"sylius-refuse-over-unit-remaining":   "units of a line are not told apart; the line has 19.60 left",
	"sylius-refuse-unit-already-refunded": "units of a line are not told apart; one of two is left",
	"presta-standard-voucher":             "TRAP: takes the whole order's voucher off one of three units",
	"presta-whole-voucher-deducted":       "TRAP: takes the whole order's voucher off one of three units",
	"saleor-grant-second-unit-ok":         "12.30 are promised already, so 7.70 of 20.00 are left; Saleor does not count other grants",
	"sylius-equal-03":                     "what is split is never negative",
	"vendure-prorate-11":                  "what is split is never negative",
	"sylius-prop-04":                      "never negative, and by largest remainder 161, 53, 86",
}

// A commerceRun answers a case and holds the answer against what is expected.
type commerceRun func(t *testing.T, c *commerceCase)

// commerceRuns says how each case is put to ledger and settle.
var commerceRuns = map[string][]string{
	"refund": {
		"lago-refund-capped-by-paid", "magento-full-discount-no-negative", "medusa-v1-discount", "medusa-v1-exclusive-20",
		"medusa-v1-return-shipping-deducted", "presta-18319-order-discount-share", "presta-25687-two-items",
		"presta-42298-unit-price-times-qty", "presta-partial-amounts", "presta-standard-with-shipping", "saleor-custom-amount-wins",
		"saleor-grant-line", "saleor-lines-2-2", "sfcc-order-promo-included-item", "solidus-unit-share", "sonata-177-percent",
		"spree-14678-received-units", "sylius-exclusive-full", "sylius-full-order", "sylius-inclusive-full",
		"sylius-order-discount-4-units", "sylius-two-shipments", "sylius-two-shipments-tax-full", "sylius-unit-item-promo",
		"sylius-unit-tax-exclusive", "vendure-3885-locked-promo", "vendure-order-discount-no-threshold",
		"vendure-preferred-tender-overflow", "woo-64668-refund-over-total", "vendure-failed-refund-does-not-count",
		"solidus-cancel-ignores-added-tax", "sylius-refuse-unpaid",
		"vendure-complete-cancel",
		// The shipping alone.
		"magento-shipping-default-remaining", "magento-shipping-incl-entry", "presta-shipping-only", "sylius-exclusive-half-shipping",
		"sylius-inclusive-half-shipping", "sylius-part-of-shipping", "sylius-shipping-promo-50", "sylius-state-partially-refunded",
	},
	"refund, rounded down": {"presta-standard-refund", "solidus-round-down-sum", "solidus-round-down-sum-2"},
	"exchange":             {"solidus-exchange-zero"},
	"refused": {
		"magento-refuse-shipping-when-none", "saleor-grant-explicit-over-charged", "saleor-grant-shipping-twice",
		"solidus-prior-goodwill-blocks-full-return", "sylius-refuse-free-shipping", "medusa-refuse-over-after-prior",
		"medusa-refuse-sum-over-captured", "solidus-refuse-over-payment", "vendure-refuse-amount-too-large",
	},
	"adjustment": {
		"killbill-default-full", "killbill-refund-with-item-adjustment", "killbill-refund-without-adjustment", "medusa-refund-half",
		"medusa-two-halves", "solidus-two-tenders-both", "spree-cancel-split-checkout", "vendure-coupon-after-payment",
		"vendure-surcharge-negative", "vendure-cheaper-shipping",
	},
	"room": {
		"lago-coupon-full", "solidus-credit-allowed-after-refund", "woo-remaining", "wix-duplicate-partial",
	},
	"quantity": {
		"medusa-refuse-return-over-fulfilled", "medusa-refuse-return-over-open", "spree-refuse-open-return-holds-qty",
		"spree-refuse-qty-over-fulfilled",
	},
	"part of a line": {
		"lago-chunk-1", "lago-coupon-on-one-line", "sylius-exclusive-half-unit", "sylius-part-of-unit", "sylius-tax-share-of-amount",
	},
	"sequence": {"lago-2643-separate-notes", "solidus-cancel-four-units-sum", "solidus-assembly-61-kit"},
	"allocate": {
		"solidus-allocate-eligible-only", "spree-14467-cap-after-rounding", "sylius-equal-01", "vendure-prorate-06", "vendure-prorate-08",
		"vendure-prorate-09",
	},
}

func TestCommerceCases(t *testing.T) {
	runs := map[string]commerceRun{
		"refund":               func(t *testing.T, c *commerceCase) { runRefund(t, c, exact.HalfUp) },
		"refund, rounded down": func(t *testing.T, c *commerceCase) { runRefund(t, c, exact.Down) },
		"exchange":             runExchange,
		"refused":              runRefused,
		"adjustment":           runAdjustment,
		"room":                 runRoom,
		"quantity":             runQuantity,
		"part of a line":       runPart,
		"sequence":             runSequence,
		"allocate":             runAllocate,
	}
	how := map[string]string{}
	for name, ids := range commerceRuns {
		for _, id := range ids {
			require.Empty(t, how[id], "%s stands twice", id)
			how[id] = name
		}
	}
	data, err := os.ReadFile("testdata/commerce.jsonl")
	require.NoError(t, err)
	seen := 0
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		var c commerceCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c), lines.Text())
		seen++
		other := elsewhere[c.ID] + differs[c.ID]
		require.Equal(t, how[c.ID] == "", other != "", "%s is answered or says why not", c.ID)
		if other == "" {
			t.Run(c.ID, func(t *testing.T) {
				runs[how[c.ID]](t, &c)
				assert.Positive(t, c.checked, "nothing was compared")
			})
		}
	}
	assert.Equal(t, 115, seen)
	assert.Equal(t, seen, len(how)+len(elsewhere)+len(differs))
}
