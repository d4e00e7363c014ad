package report

import "strings"

// A DisputeKind is why the money is asked back, in the words of Stripe.
type DisputeKind string

// The kinds of disputes.
const (
	NotReceived          DisputeKind = "product_not_received"
	NotAsDescribed       DisputeKind = "product_unacceptable"
	CreditNotProcessed   DisputeKind = "credit_not_processed"
	Duplicate            DisputeKind = "duplicate"
	Fraudulent           DisputeKind = "fraudulent"
	SubscriptionCanceled DisputeKind = "subscription_canceled"
	General              DisputeKind = "general"
)

// Matters is how much a field of evidence matters for a kind of dispute.
type Matters string

// Without what is decisive a dispute of this kind is hardly won.
const (
	Decisive Matters = "decisive"
	Helps    Matters = "helps"
	Little   Matters = "little"
)

// A weight is the fields that are decisive for a kind, and those that help.
type weight struct{ decisive, helps []string }

var kinds = map[DisputeKind]*weight{
	NotReceived: {
		decisive: []string{"shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number"},
		helps:    []string{"access_activity_log", "customer_communication", "customer_name", "customer_signature", "product_description", "receipt", "service_date", "service_documentation", "uncategorized_text"},
	},
	NotAsDescribed: {
		decisive: []string{"customer_communication", "product_description", "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation"},
		helps:    []string{"receipt", "service_date", "service_documentation", "shipping_date", "shipping_documentation", "uncategorized_file", "uncategorized_text"},
	},
	CreditNotProcessed: {
		decisive: []string{"refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "uncategorized_text"},
		helps:    []string{"cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication", "receipt", "uncategorized_file"},
	},
	Duplicate: {
		decisive: []string{"duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id"},
		helps:    []string{"customer_communication", "product_description", "receipt", "shipping_documentation", "uncategorized_text"},
	},
	Fraudulent: {
		decisive: []string{"access_activity_log", "billing_address", "customer_email_address", "customer_name", "customer_purchase_ip", "shipping_address"},
		helps:    []string{"customer_communication", "customer_signature", "product_description", "receipt", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_text"},
	},
	SubscriptionCanceled: {
		decisive: []string{"access_activity_log", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal"},
		helps:    []string{"customer_communication", "product_description", "refund_policy", "refund_policy_disclosure", "service_date", "service_documentation", "uncategorized_text"},
	},
	General: {
		decisive: []string{"customer_communication", "product_description", "uncategorized_text"},
		helps:    []string{"receipt", "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "shipping_date", "shipping_documentation", "uncategorized_file"},
	},
}

func kindNames() string {
	var names []string
	for _, k := range []DisputeKind{NotReceived, NotAsDescribed, CreditNotProcessed, Duplicate, Fraudulent, SubscriptionCanceled, General} {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}
