-- What one version of the tables adds to the one before; Migrate runs each once.

-- A generation of transaction numbers. They start anew in a server into which a dump is
-- restored; records that were written there come after all that came with the dump.
CREATE TABLE {schema}.refund_generation (
  gen   int PRIMARY KEY,
  since timestamptz NOT NULL DEFAULT now()
);
INSERT INTO {schema}.refund_generation (gen) VALUES (1);

-- What the records of an order come to. The journal changes a row only from the number
-- and hash of the record that it has read.
CREATE TABLE {schema}.refund_order (
  id       text COLLATE "C" PRIMARY KEY,
  seq      bigint NOT NULL CHECK (seq > 0),
  head     bytea NOT NULL,
  own      numeric NOT NULL CHECK (own >= 0), -- reserved or paid through the journal
  external numeric NOT NULL,                  -- paid back past it
  captured numeric,                           -- null while nobody knew it
  beyond   numeric NOT NULL CHECK (beyond >= 0), -- what refunds past the journal overdrew
  pending  bigint[] NOT NULL, -- the records whose money is reserved and not yet paid
  book     text NOT NULL,
  CONSTRAINT refund_order_over CHECK (captured IS NULL OR own + external <= captured + beyond)
);
CREATE INDEX refund_order_pending ON {schema}.refund_order (id) WHERE pending <> '{}';

CREATE TABLE {schema}.refund_record (
  order_id text COLLATE "C" NOT NULL,
  seq      bigint NOT NULL CHECK (seq > 0),
  prev     bytea NOT NULL CHECK ((prev = '') = (seq = 1)),
  hash     bytea NOT NULL,
  kind     text NOT NULL,
  key      text NOT NULL,
  at       timestamptz NOT NULL,
  links    text[],
  body     text NOT NULL, -- the bytes that were hashed; jsonb would order them anew
  gen      int NOT NULL,
  xid      xid8 NOT NULL DEFAULT pg_current_xact_id(),
  id       bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (order_id, seq),
  CONSTRAINT refund_record_fork UNIQUE (order_id, prev)
);
CREATE INDEX refund_record_all ON {schema}.refund_record (gen, xid, id);
CREATE INDEX refund_record_links ON {schema}.refund_record USING gin (links) WHERE links IS NOT NULL;

CREATE FUNCTION {schema}.refund_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER refund_record_kept BEFORE UPDATE OR DELETE ON {schema}.refund_record
  FOR EACH ROW EXECUTE FUNCTION {schema}.refund_refuse();
CREATE TRIGGER refund_record_whole BEFORE TRUNCATE ON {schema}.refund_record
  FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refund_refuse();
CREATE TRIGGER refund_order_kept BEFORE DELETE ON {schema}.refund_order
  FOR EACH ROW EXECUTE FUNCTION {schema}.refund_refuse();
CREATE TRIGGER refund_order_whole BEFORE TRUNCATE ON {schema}.refund_order
  FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refund_refuse();

-- Always: also where session_replication_role switches other triggers off.
ALTER TABLE {schema}.refund_record ENABLE ALWAYS TRIGGER refund_record_kept;
ALTER TABLE {schema}.refund_record ENABLE ALWAYS TRIGGER refund_record_whole;
ALTER TABLE {schema}.refund_order ENABLE ALWAYS TRIGGER refund_order_kept;
ALTER TABLE {schema}.refund_order ENABLE ALWAYS TRIGGER refund_order_whole;
