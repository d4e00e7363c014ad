package fraud_test

// An idea is one signal of the list that the fragment was made from. What is missing
// is why it is not shipped, or what the shipped one leaves out.
type idea struct {
	number                         int
	title, signal, source, missing string
}

var ideas = []idea{
	{1, "many returns", "serial_returner", "windows of 30, 90 and 365 days: RefundSentry, Loop; counts: our choice", ""},
	{2, "return rate by orders", "return_rate", "40% and three orders at least: 40rty", ""},
	{3, "return rate by value", "return_value_rate", "70% in 12 months: ASOS", ""},
	{4, "items kept", "few_kept", "idea: ReturnShield; number: our choice", "events have no quantity, so the shop counts the items"},
	{5, "negative margin over the life of the account", "negative_margin", "our choice", ""},
	{6, "refund velocity, customer", "refund_velocity", "1, 7 and 30 days: Ravelin, RefundSentry; counts: our choice", ""},
	{7, "refund velocity, address", "address_refunds", "idea: Ravelin; count: our choice", ""},
	{8, "refund velocity, device", "device_refunds", "idea: Ravelin; count: our choice", ""},
	{9, "refund velocity, means of payment", "payment_refunds", "idea: Ravelin, Stripe; count: our choice", ""},
	{10, "refund velocity, network of the IP address", "", "-", "`links` has no word for a network, on purpose: a campus, an office or a whole mobile carrier share one, and the neighbors of one fraudster would pay for it. A shop that wants it declares a fact with its own count."},
	{11, "many accounts at one address", "address_accounts", "three accounts: RefundSentry; 90 days: our choice", ""},
	{12, "new account, known card, device or phone", "new_account_linked", "idea: Ravelin, Riskified; numbers: our choice", ""},
	{13, "aliases of one mailbox", "email_accounts", "idea: RefundSentry; number: our choice", "the shop makes the canonical form of the address and hands in the link"},
	{13, "disposable mailbox", "disposable_email", "idea: RefundSentry", ""},
	{14, "nearly the same name at one address", "", "-", "Needs names, which the model has no place for. Names that are alike also tell of families, and of where a family comes from."},
	{15, "abuse confirmed before", "confirmed_abuse", "idea: RefundSentry, Ravelin; number: our choice", ""},
	{15, "abuse confirmed at a linked account", "linked_abuse", "idea: RefundSentry, Ravelin; number: our choice", "one step only, no path of two, and a date in place of a decay; the own abuse of a customer counts where it carries a link"},
	{16, "a chain of referrals returns together", "", "-", "Needs who referred whom, and the returns of a whole group. `history` ties an event to this buyer alone."},
	{17, "worn over a weekend", "weekend_wear", "Thursday or Friday to Monday or Tuesday: RefundSentry; weight: our choice", ""},
	{18, "occasion wear, held to the end", "held_to_the_end", "90% of the time for returns: our choice", "signals see no item and so not `window.returns`, which starts at its delivery: the length stands in `return_days`, counted from the last parcel"},
	{19, "returns that came back used", "used_returns", "our choice", ""},
	{20, "several sizes or colors of one style", "bracketing", "idea: RefundSentry, Forter; number: our choice", "the language cannot compare the lines of an order: the shop counts the variants"},
	{21, "bought to reach a threshold", "threshold_buying", "our choice", "earlier refunds of the order are not taken off"},
	{22, "parcels not received again, customer", "repeat_lost", "365 days: Riskified, Forter; count: our choice", ""},
	{22, "parcels not received again, linked", "repeat_lost_linked", "365 days: Riskified, Forter; count: our choice", ""},
	{23, "not received, in spite of proof", "lost_despite_proof", "idea: Narvar; weight: our choice", ""},
	{24, "carrier or area that loses parcels", "route_loses_parcels", "our choice", ""},
	{24, "the carrier says that it is lost", "carrier_admits_loss", "our choice", ""},
	{25, "early claim", "early_claim", "7 days, 20% more often abuse: Riskified. Most honest claims come early too, so it weighs little", ""},
	{26, "high order value", "high_order_value", "above 1,000, 33% more often abuse: Riskified", ""},
	{26, "very high order value", "very_high_order_value", "above 2,000, 2.5 times the claims: Riskified", ""},
	{27, "empty box, by weight", "light_parcel", "idea: AfterShip; 20%: our choice", ""},
	{28, "earlier returns lacked something", "short_returns", "idea: Loop; count: our choice", ""},
	{29, "another item came back", "switched_item", "our choice", ""},
	{30, "broken or stripped", "failed_test", "idea: cahoot; weight: our choice", ""},
	{31, "fake tracking, delivered elsewhere", "return_elsewhere", "idea: NoFraud, Yofi; weight: our choice", "that no scan comes in for days is known after the request only: a clock of the case (`ship_back`, `transit`) sees it"},
	{32, "tracking of another parcel", "tracking_reused", "idea: NoFraud; weight: our choice", ""},
	{33, "return left at a wrong door", "wrong_door", "idea: NoFraud; distance: our choice", ""},
	{34, "paid, and the label never scanned", "overdue_returns", "idea: Reveni; count: our choice", "the shop counts what is overdue, as an event that has not happened is none"},
	{35, "evidence photo reused", "photo_reused", "6 to 10 bits of 64: Vaarhaft, Claimscan; 8: our choice between", ""},
	{36, "photo older than the delivery", "photo_too_old", "idea: Claimscan; weight: our choice", ""},
	{36, "photo edited", "photo_edited", "idea: Claimscan; weight: our choice", ""},
	{37, "photo of another product", "", "-", "Needs a model that looks at images, outside of the library. Its answer is one more fact, or goes into `request.vendor_score`."},
	{38, "photo made by a machine", "", "-", "As 37. Such models err often, so a person should look before it counts."},
	{39, "claim text copied", "copied_text", "idea and weight: our choice", "the shop compares the texts and hands in how many are the same"},
	{40, "reason switched", "reason_switching", "idea: RefundSentry; count: our choice", "changes within the request; a tally cannot count different reasons over time"},
	{41, "share of faults above that of the product", "fault_share", "our choice", "against a shop-wide share (`usual_faults` of `usual_orders`), not against the rate of each product, and without a bound of chance: the language has no binomial tail"},
	{42, "product with many faults", "product_defects", "idea: sellers' forums; number: our choice", "signals see no item: for a request of several products the shop hands in the one with the most faults"},
	{43, "refund and dispute of one order", "double_dip", "idea: sellers' forums; weight: our choice", "an event knows its order, not its charge"},
	{44, "earlier disputes, customer", "many_disputed", "idea: AfterShip, Loop; count: our choice", ""},
	{44, "earlier disputes, linked", "linked_disputes", "idea: AfterShip, Loop; count: our choice", ""},
	{45, "refunds before receipt, goods never came", "never_returned", "idea: Reveni; count: our choice", ""},
	{46, "refunds without a return, again and again", "keep_farming", "idea: Loop, TikTok Shop; numbers: our choice", ""},
	{47, "amounts just below a limit", "just_below_limit", "our choice, for a limit of 10.00", "the bands are amounts in the tallies `near_limit` and `below_limit`, which take no define; two bands of unlike width, without a smooth density"},
	{48, "gift card in, money out", "cash_out", "idea: RefundSentry; weight: our choice", "the other way, credit that buys gift cards, needs what was bought before"},
	{49, "bonus credits farmed", "bonus_farming", "idea: Loop; counts: our choice", "counts of both, not their sequence"},
	{50, "one item exchanged over and over", "exchange_churning", "three exchanges: RefundSentry", "a tally has one `same`, so the smaller of the counts by order and by product is taken"},
	{51, "bought again at a lower price", "", "-", "Not abuse: whoever sends an item back in time and buys it for less uses the rules as they are, and Steam says so to its customers. To end it, adjust the price (`kind: adjust`)."},
	{52, "new account, high value, quick claim", "new_account_value", "idea: RefundSentry; numbers: our choice", ""},
	{53, "comes back from another country", "other_country", "idea: Loop, RefundSentry; weight: our choice", "countries only: no distances, and no list of forwarders. It looks at where the goods are, never at who the buyer is"},
	{54, "proxy or automated browser", "proxy", "idea: Loop. Many use one for good reasons, so it weighs little", ""},
	{55, "collusion of staff", "many_exceptions", "idea: Oracle; count: our choice", "counts exceptions for this customer; events do not name who granted them, so that one agent stands out is for a report over all decisions"},
	{56, "probing of the rules", "probing", "our choice", "checks are counted, not how their reasons differ"},
}

// beside are signals that are not of the list.
var beside = map[string]string{
	"vendor_score":     "a score from outside is one more signal",
	"trusted_customer": "a trusted tier",
	"few_returns":      "few returns over many orders",
	"claims_proven":    "earlier claims that inspection bore out",
	"long_account":     "an old account without a dispute or abuse",
}

var steps = [][2]string{
	{"photo_from", "a photo is asked for (`needs: photo`)"},
	{"inspect_from", "goods come back, and the money goes out after inspection; for a parcel that never came the carrier is asked, for five business days at most, then it is approved"},
	{"credit_from", "store credit in place of the original tender, unless it is the shop's fault"},
	{"slow_from", "paid within 14 days in place of three business days"},
	{"review_from", "a person looks"},
}

var eventText = map[string]string{
	"abuse":          "abuse that a person confirmed, with the links of that order",
	"claim":          "a claim: not received, damaged and so on, with its `reason`, its `fault` and, for `history.photos`, its `request` and `photos`",
	"credit":         "bonus or goodwill credit that was given",
	"dispute":        "a dispute or chargeback at the bank, with its `order`",
	"exchange":       "an exchange, with the `order` and the `sku` of the first item",
	"keep_item":      "a refund whose goods were kept, with its `amount`",
	"never_returned": "paid, and the goods never came",
	"order":          "an order of the customer, this one too, with its `order` and `amount`, and with its links for the accounts at one address or mailbox",
	"override":       "an exception that was granted",
	"quote":          "a look at what would be refunded",
	"refund":         "a refund that was paid, with its `amount` and its links",
	"return":         "a return, with its `order`, `amount` and `fault`",
	"short_return":   "besides its return: something was missing from it",
	"used_return":    "besides its return: it came back used, or not as sent",
}

var factText = map[string]string{
	"order.shared_address":               "many households at the address: a block of flats, a dormitory, an office, a parcel shop",
	"order.style_variants":               "the most sizes or colors of one style in the order",
	"order.perk_from":                    "the order total that earned free shipping or a gift, where one was given",
	"order.delivery_proof":               "the best proof that the carrier has",
	"order.route_parcels":                "parcels on this carrier's route, depot or area, in the shop's own books",
	"order.route_lost":                   "those of them that were reported as not received",
	"order.carrier_admits_loss":          "the carrier says that the parcel is lost",
	"request.reason_changes":             "how often the reason was changed before it was sent",
	"request.text_copies":                "claims of other customers with the same text",
	"request.expected_weight":            "what the parcel should weigh, in any unit",
	"request.measured_weight":            "what it weighs, in the same unit",
	"request.serials_differ":             "the serial number that came back is not the one that was sent",
	"request.failed_test":                "inspection found that what was returned as unused does not work or lacks parts",
	"request.return_delivered_elsewhere": "the carrier delivered the return to another postal code than ours",
	"request.return_tracking_reused":     "its tracking number is another parcel's, or stands in another return",
	"request.return_label_at":            "when its label was made",
	"request.return_shipped_at":          "when the carrier took it",
	"request.return_distance_km":         "from our door to where it was handed over",
	"request.photo_taken_at":             "when the oldest of the photos was taken, by its own data",
	"request.photo_edited":               "a photo names a program that edits images. A photo without any data is no sign",
	"request.product_sold":               "units sold of the product, and of its lot if that is known",
	"request.product_defects":            "those of them that came back faulty",
	"request.proxy":                      "the request came through a proxy or an automated browser",
	"request.vendor_score":               "the score of an outside service, from 0 to 100",
	"customer.account_age_days":          "age of the account (not of the person)",
	"customer.items_bought":              "units bought over the life of the account",
	"customer.items_kept":                "those of them that were kept",
	"customer.lifetime_margin":           "what the shop has earned by the customer, refunds and shipping taken off",
	"customer.disposable_email":          "the mailbox is of a disposable domain",
	"customer.overdue_returns":           "refunds paid whose goods are on their way for longer than they may be",
	"customer.claims_proven":             "claims that inspection or the carrier bore out",
}

const intro = `
# Fraud signals

Package ` + "`fraud`" + ` is a fragment of a policy with signals of abuse, and signals that speak for
the buyer, which a shop pastes into its own policy file. This page is written from the
fragment by ` + "`go test ./fraud -update`" + `.

` + "`fraud/preset.yaml`, or `fraud.Preset()`," + ` holds the keys ` + "`define`, `history`, `lists`, `facts` and `fraud`" + `.
Paste it; where the policy has one of these keys already, put the entries under it. A name
that stands twice, or a reason that the policy does not have, is refused when the file is
loaded, with its line. That is why there is no function that merges two files: an error
would name a line of a file that nobody has. ` + "`fraud/ladder.yaml`, or `fraud.Ladder()`," + ` is a
whole policy around the same fragment.

- **No score denies.** Few requests are abuse, and most of those that look like it are not:
  Happy Returns flags fewer than one return in a hundred, and about one in ten of these is
  confirmed. A score slows down; a person refuses.
- **What is not known keeps silent.** A fact that is not handed in, or a history, counts for
  nothing. Only hand in what you may keep about your customers.
- **Nothing is about who somebody is.** Signals read what was done. The loader refuses one that
  reads a protected trait. Do not share these scores between shops.
- **A customer may ask.** ` + "`Decision.Fraud.Report(\"en\")`" + ` says what was held against them, what spoke
  for them, and on which facts; the texts (` + "`say`" + `) are made for their eyes. Under consumer law a
  buyer within the time of withdrawal, or with faulty goods, may have a right to the money: write
  a floor or an ` + "`unless`" + `, as the ladder does for what is the shop's fault.
`

const ladderText = `
The steps of ` + "`fraud/ladder.yaml`" + `, each with what the steps before it ask for. The sum
is the same on each of them. What inspection finds is no matter of a score: goods that are
not as they were sent go to a person (` + "`item.found`" + `), whatever the history says.
`

const numbersText = `
Everything that a shop tunes stands at the top of the fragment, under ` + "`define`" + `, but for the
lists of words, the two bands of ` + "`just_below_limit`" + ` (put your own limit there) and the weights,
which stand with their signals and are all our choice. Amounts are made for US dollars or euros.

**Rates** are smoothed: a rate is reckoned as if ` + "`usual_orders`" + ` orders of an ordinary customer,
` + "`usual_returns`" + ` of them returned, had gone before, so that one return of one order is 2 of 6
and not 100%. Written without a division, it is exact:
` + "`(returns + usual_returns) * 100 >= 40 * (orders + usual_orders)`" + `. Set these to what is usual in your
shop; a usual rate that is as high as the threshold would smooth nothing. The rates of faults, of
routes and of products have their own usual numbers.
`

const historyText = `
The events of the customer, and those of others that are tied to the order by a link. Without
` + "`customer`" + ` an event is the buyer's own. ` + "`links`" + ` say what ties an event to this order: its ` + "`address`," + `
` + "`device`, `payment`, `email` or `phone`" + ` is the same, as the shop compared it; the buyer's own events
have them too where they are the same. One thing that happened may be several events: a return
that was paid is a ` + "`return` and a `refund`" + `. A kind that is left out counts as never: hand in all
that you have a record of.

` + "`journal.History`" + ` makes them from a journal. What no decision tells, as ` + "`dispute`, `abuse` or `quote`" + `, it knows
where it was noted: a record of the kind ` + "`noted`" + ` with that word as its ` + "`event`" + `.

The kind of a request counts as well: a parcel that never came is a ` + "`refund`" + `. Asked for as a ` + "`return`" + `
it is paid all the same, and stands in the history as goods that the buyer sent back.
`

const factsText = `
The facts, none of which is needed. None has a default, so that it keeps silent where it is not
given, but for ` + "`shared_address`" + `. Fill them in from your own books: those of the request, too, are
never what a buyer sends along. Where persons are sealed, name to ` + "`vault.New`" + ` those that you hand in: any
other fact is dropped, its signals keep silent, and ` + "`Sealed.Dropped`" + ` alone says so.
`
