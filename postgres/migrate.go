package postgres

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fairback/refund/journal"
)

//go:embed schema.sql
var schema1 string

// migrations are what makes version n of the tables from version n-1, from 1 on.
var migrations = []string{schema1}

// maxName is how much of a name PostgreSQL reads; it cuts off the rest.
const maxName = 63

// Config says where the tables are.
type Config struct {
	// Schema is the PostgreSQL schema of the tables, "fairback" where it is empty. Each
	// schema is a journal of its own.
	Schema string
}

// schema is the quoted name of the schema, and the name.
func (c Config) schema() (quoted, name string, err error) {
	name = c.Schema
	if name == "" {
		name = "fairback"
	}
	if len(name) > maxName || !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return "", "", &journal.Error{Err: journal.ErrInvalid, Message: fmt.Sprintf("Config.Schema: %.100q is no name of at most %d bytes", name, maxName)}
	}
	return pgx.Identifier{name}.Sanitize(), name, nil
}

// Migrate makes the tables, or brings them to the version of this package. It may be
// called at every start and by many servers at once. Its role owns the tables then; the
// one that Open is given needs less, see the README.
//
// Call it as well, before anything is written, where a dump was restored into another
// server: Open refuses until then.
func Migrate(ctx context.Context, pool *pgxpool.Pool, c Config) error {
	quoted, name, err := c.schema()
	if err != nil {
		return err
	}
	// Behind the lock it has to see what another one has made meanwhile.
	options := pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite}
	err = pgx.BeginTxFunc(ctx, pool, options, func(tx pgx.Tx) error {
		return migrate(ctx, tx, quoted, name)
	})
	return storage(err, "")
}

func migrate(ctx context.Context, tx pgx.Tx, quoted, name string) error {
	// Two servers that start together would both find no tables.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('fairback/refund ' || $1, 0))`, name); err != nil {
		return err
	}
	run := func(sql string) error {
		_, err := tx.Exec(ctx, strings.ReplaceAll(sql, "{schema}", quoted), pgx.QueryExecModeSimpleProtocol)
		return err
	}
	exists := false
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)`, name).Scan(&exists); err != nil {
		return err
	}
	if !exists {
		if err := run(`CREATE SCHEMA {schema}`); err != nil {
			return err
		}
	}
	if err := run(`CREATE TABLE IF NOT EXISTS {schema}.refund_migration (version int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`); err != nil {
		return err
	}
	version := 0
	if err := tx.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM `+quoted+`.refund_migration`).Scan(&version); err != nil {
		return err
	}
	for ; version < len(migrations); version++ {
		if err := run(migrations[version]); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO `+quoted+`.refund_migration (version) VALUES ($1)`, version+1); err != nil {
			return err
		}
	}
	return run(`INSERT INTO {schema}.refund_generation (gen) SELECT max(gen) + 1 FROM {schema}.refund_generation HAVING ` + restored)
}

// restored: there are records of a transaction that this server has not begun yet. They
// came from another one, and what is written here would be placed before them.
const restored = `EXISTS (SELECT FROM {schema}.refund_record WHERE gen = (SELECT max(gen) FROM {schema}.refund_generation)
	AND xid >= pg_snapshot_xmax(pg_current_snapshot()))`
