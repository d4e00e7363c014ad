"""python3 verify.py DIR [BATCH]: verifies a journal as docs/JOURNAL.md describes it; BATCH is one that was remembered."""
import glob, hashlib, json, os, re, sys

sha = lambda *parts: hashlib.sha256(b"".join(parts)).hexdigest()
heads, batch, batches, records, before = {}, "0" * 64, set(), 0, 0
for number, name in enumerate(sorted(glob.glob(os.path.join(sys.argv[1], "[0-9]*.journal"))), 1):
    place, pending, lines = os.path.basename(name), [], open(name, "rb").read().splitlines(keepends=True)
    want = f"fairback journal 1 segment {number} before {before} records {records} batch {batch}\n"
    assert lines and lines[0].decode() == want, f"{place}: its first line is not {want!r}"
    offset = before = len(lines[0])
    for at, line in enumerate(lines[1:], 2):
        offset += len(line)
        end = re.fullmatch(rb"= (\d+) ([0-9a-f]{64})\n", line)
        if not end:
            pending.append((at, line[:64].decode(), line[65:-1]))
            continue
        batch = sha(b"fairback journal 1 batch\n", bytes.fromhex(batch), *(bytes.fromhex(h) for _, h, _ in pending))
        assert (int(end[1]), end[2].decode()) == (len(pending), batch), f"{place}:{at}: not the batch that was written"
        for where, written, data in pending:
            assert sha(b"\0", data) == written, f"{place}:{where}: the record was changed"
            r = json.loads(data)
            seq, prev = heads.get(r["order"], (0, None))
            assert (r["seq"], r.get("prev")) == (seq + 1, prev), f"{place}:{where}: a record before it is missing"
            heads[r["order"]] = (seq + 1, written)
        records, pending, before = records + len(pending), [], offset
        batches.add(batch)
assert sys.argv[2:] == [] or sys.argv[2] in batches, "records are missing at the end: the batch is not there"
print(records, len(heads), batch)
