package postgres

import "strings"

// statements are the SQL of a journal, with the name of its schema.
type statements struct {
	open                        string
	book, record                string
	first, next                 string
	records, all, linked        string
	pending                     string
	verifyOrders, verifyRecords string
}

// Numerics go as text, and so do numbers of transactions: between them and numbers there
// is no cast.
const (
	columns      = `r.order_id, r.seq, r.body, r.hash, r.gen, r.xid::text::bigint, r.id`
	orderColumns = `id, seq, head, own::text, external::text, captured::text, beyond::text, pending, book`
)

// values are the parameters $3 to $16 of what is written, see written.args.
const (
	rowOfOrder  = `$3::bigint, $4::bytea, $5::text::numeric, $6::text::numeric, $7::text::numeric, $8::text::numeric, $9::bigint[], $10::text`
	rowOfRecord = `$3::bigint, $2::bytea, $4::bytea, $11::text, $12::text, $13::timestamptz, $14::text[], $15::text, $16::int`
)

func statementsFor(schema string) statements {
	in := func(sql string) string { return strings.ReplaceAll(sql, "{schema}", schema) }
	record := `
		INSERT INTO {schema}.refund_record AS r (order_id, seq, prev, hash, kind, key, at, links, body, gen)
		SELECT moved.id, ` + rowOfRecord + ` FROM moved
		RETURNING r.xid::text::bigint, r.id`
	return statements{
		open: in(`SELECT (SELECT coalesce(max(version), 0) FROM {schema}.refund_migration),
			(SELECT max(gen) FROM {schema}.refund_generation), ` + restored),
		book:   in(`SELECT ` + orderColumns + ` FROM {schema}.refund_order WHERE id = $1`),
		record: in(`SELECT ` + columns + ` FROM {schema}.refund_record r WHERE r.order_id = $1 AND r.seq = $2`),

		// Both give no row where somebody else was faster: then nothing is written.
		first: in(`
		WITH moved AS (
			INSERT INTO {schema}.refund_order (id, seq, head, own, external, captured, beyond, pending, book)
			VALUES ($1, ` + rowOfOrder + `) ON CONFLICT (id) DO NOTHING RETURNING id
		)` + record),
		next: in(`
		WITH moved AS (
			UPDATE {schema}.refund_order SET (seq, head, own, external, captured, beyond, pending, book) = ROW (` + rowOfOrder + `)
			WHERE id = $1 AND seq = $3::bigint - 1 AND head = $2 RETURNING id
		)` + record),

		records: in(`SELECT ` + columns + ` FROM {schema}.refund_record r WHERE r.order_id = $1 AND r.seq > $2 ORDER BY r.seq LIMIT $3`),

		// A transaction that began earlier may commit later, and its record would then
		// stand before one that was given out already: a reader behind a cursor would never
		// see it. So only records of transactions are given before which no other is still
		// running; what was committed in between is given a moment later. The first page
		// sets the end, or a reader would run after the writers forever.
		all: in(`SELECT ` + columns + `, coalesce($5::bigint, pg_snapshot_xmin(pg_current_snapshot())::text::bigint) FROM {schema}.refund_record r
			WHERE (r.gen, r.xid, r.id) > ($1::int, $2::bigint::text::xid8, $3::bigint)
			AND (r.gen < $4 OR r.xid < coalesce($5::bigint::text::xid8, pg_snapshot_xmin(pg_current_snapshot())))
			ORDER BY r.gen, r.xid, r.id LIMIT $6`),
		linked: in(`SELECT ` + columns + ` FROM {schema}.refund_record r
			WHERE r.links @> ARRAY[$1::text] AND (r.gen, r.xid, r.id) > ($2::int, $3::bigint::text::xid8, $4::bigint)
			ORDER BY r.gen, r.xid, r.id LIMIT $5`),
		pending: in(`SELECT ` + columns + ` FROM {schema}.refund_order o CROSS JOIN LATERAL unnest(o.pending) AS p (seq)
			JOIN {schema}.refund_record r ON r.order_id = o.id AND r.seq = p.seq
			WHERE o.pending <> '{}' AND o.id >= $1 AND (o.id, r.seq) > ($1, $2::bigint) ORDER BY o.id, r.seq LIMIT $3`),

		verifyOrders: in(`SELECT ` + orderColumns + ` FROM {schema}.refund_order
			WHERE id > $1 ORDER BY id LIMIT $2`),
		verifyRecords: in(`SELECT ` + columns + `, r.prev, r.kind, r.key, r.at, r.links FROM {schema}.refund_record r
			WHERE (r.order_id, r.seq) > ($1, $2::bigint) ORDER BY r.order_id, r.seq LIMIT $3`),
	}
}
