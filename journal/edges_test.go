package journal

import (
	"bytes"
	"context"
	"fmt"
	"hash/maphash"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund"
)

// A batch that failed after all of it was written is longer than the next one.
func TestWhatFailedIsCutOff(t *testing.T) {
	for _, cuts := range []bool{true, false} {
		disk := newSimDisk()
		d, err := openOn(disk, Options{})
		require.NoError(t, err)
		require.NoError(t, together(t, d, records(0, 2)...))
		disk.fails = func(_ int, what string) (int, error) {
			if what == "write" || what == "truncate" && !cuts {
				return 4, errDisk
			}
			return 0, nil
		}
		require.ErrorIs(t, together(t, d, records(2, 8)...), ErrStorage)
		disk.fails = nil
		_, err = d.Write(t.Context(), note("A0", "e3"))
		require.NoError(t, err)
		head := d.Head()
		require.NoError(t, d.Close())
		d, err = openOn(disk, Options{})
		require.NoError(t, err)
		assert.Equal(t, head, d.Head())
		assert.Empty(t, d.Recovered())
		assert.Equal(t, []string{"e1", "e2", "e3"}, eventsOf(t, d))
		assert.Equal(t, cuts, len(d.files) == 1)
		require.NoError(t, d.Close())
	}
}

// seal makes a segment of batches of records as JSON, with every hash as it should be.
func seal(batches ...[]string) *simDisk {
	out, before := header{number: 1}.line(), Hash{}
	for _, batch := range batches {
		var hashes []Hash
		for _, data := range batch {
			h := HashOf([]byte(data))
			out, hashes = appendRecord(out, h, []byte(data)), append(hashes, h)
		}
		before = batchHash(before, hashes)
		out = appendEnd(out, len(hashes), before)
	}
	disk := newSimDisk()
	disk.put(segmentName(1), out)
	return disk
}

func TestARecordThatDoesNotFollowIsNamed(t *testing.T) {
	first := `{"seq":1,"order":"A","kind":"noted","at":"2026-03-05T12:00:00Z"}`
	second := func(seq int, prev string) string {
		return fmt.Sprintf(`{"seq":%d,"prev":"%s","order":"A","kind":"noted","at":"2026-03-05T12:00:00Z"}`, seq, prev)
	}
	right, other := HashOf([]byte(first)).String(), HashOf(nil).String()
	for _, c := range []struct{ json, words string }{
		{second(2, right), ""},
		{second(2, other), "record 2: 000000000001.journal, line 4, byte "},
		{second(3, right), "the one before it in the journal is record 1 of the order"},
		{second(1, right), "the one before it in the journal is record 1 of the order"},
		{first, "record 1: 000000000001.journal, line 4, byte "},
		{`{"seq":2,"order":"A","kind":"noted","at":"2026-03-05T12:00:00Z"}`, "it does not follow the record before, " + right},
		{`{"seq":1,"prev":"` + right + `","order":"B","kind":"noted","at":"2026-03-05T12:00:00Z"}`, "it does not follow the record before"},
		{`{"order":"B","kind":"noted","at":"2026-03-05T12:00:00Z"}`, "the one before it in the journal is record 0 of the order"},
		{`no JSON`, "line 4, byte "},
	} {
		for _, disk := range []*simDisk{seal([]string{first}, []string{c.json})} {
			d, err := openOn(disk.clone(), Options{})
			_, verified := verifyOn(disk, Head{})
			if c.words == "" {
				require.NoError(t, err)
				require.NoError(t, verified)
				require.NoError(t, d.Close())
				continue
			}
			assert.ErrorIs(t, err, ErrTampered)
			assert.ErrorContains(t, err, c.words)
			assert.EqualError(t, verified, err.Error())
		}
	}
	d, err := openOn(seal([]string{`{"seq":1,"order":"A","kind":"reserved","at":"2026-03-05T12:00:00Z","key":"k","amount":"1"}`}), Options{})
	require.NoError(t, err)
	_, err = d.Book(t.Context(), "A")
	assert.ErrorIs(t, err, ErrTampered)
	require.NoError(t, d.Close())
}

func TestAHeadIsOfOneJournal(t *testing.T) {
	disk, head := sevenBatches(t, 900)
	_, err := verifyOn(disk, head)
	require.NoError(t, err)
	other := head
	other.Batch[0] ^= 1
	_, err = verifyOn(disk, other)
	assert.ErrorIs(t, err, ErrTampered)
	assert.ErrorContains(t, err, "the head that was kept is record 21 with "+other.Batch.String())
	inside := head
	inside.Records = 19 // no batch ends there
	_, err = verifyOn(disk, inside)
	assert.ErrorContains(t, err, "the batch that ends with record 21")

	d, err := openOn(disk, Options{})
	require.NoError(t, err)
	require.NoError(t, together(t, d, records(21, 3)...))
	require.NoError(t, d.Close())
	v, err := verifyOn(disk, head) // an older head of a journal that has gone on
	require.NoError(t, err)
	assert.EqualValues(t, 24, v.Head.Records)
}

// What is changed on the disk behind the back of an open journal is found when it is read.
func TestAChangedRecordIsNotGivenOut(t *testing.T) {
	disk := newSimDisk()
	d, err := openOn(disk, Options{})
	require.NoError(t, err)
	require.NoError(t, together(t, d, records(0, 3)...))
	d.books = newShelf()
	data := disk.files[segmentName(1)].data
	at := bytes.Index(data, []byte(`"e2"`)) + 2
	data[at] = '9'
	for _, err := range d.Records(t.Context(), "A1") {
		assert.ErrorIs(t, err, ErrTampered)
		assert.ErrorContains(t, err, "the bytes of record 2 do not have its hash")
	}
	_, err = d.Write(t.Context(), note("A1", "e4"))
	assert.ErrorIs(t, err, ErrTampered)
	data[at] = '2'
	_, err = d.Write(t.Context(), note("A1", "e4"))
	require.NoError(t, err)

	d.books, data = newShelf(), disk.files[segmentName(1)].data
	line := data[bytes.LastIndexByte(data[:at], '\n')+1:]
	line = line[:bytes.IndexByte(line, '\n')]
	copy(line, appendRecord(nil, HashOf(bytes.Replace(line[65:], []byte("A1"), []byte("A7"), 1)), bytes.Replace(line[65:], []byte("A1"), []byte("A7"), 1)))
	_, err = d.Book(t.Context(), "A1")
	assert.ErrorIs(t, err, ErrTampered)
	require.NoError(t, d.Close())
}

func TestABookThatIsBeingWrittenStaysOnTheShelf(t *testing.T) {
	s := newShelf()
	v := s.put(&Book{Order: "A"})
	s.admit(v, &item{book: &Book{Order: "A", Seq: 1}})
	for i := range 2 * maxShelf {
		s.put(&Book{Order: fmt.Sprint("B", i)})
	}
	assert.Len(t, s.books, maxShelf)
	assert.Same(t, v, s.get("A"))
	assert.Nil(t, s.get("B0"))
	s.land(v.flying[0])
	assert.EqualValues(t, 1, v.durable.Seq)
	for i := range 2 * maxShelf {
		s.put(&Book{Order: fmt.Sprint("C", i), Claims: make([]Claim, 3)})
	}
	assert.Len(t, s.books, maxShelf/4)
	assert.Nil(t, s.get("A"))
}

// What could be written and not read would close the books of its order for ever.
func TestARecordThatCouldNotBeReadAgainIsRefused(t *testing.T) {
	d, err := openOn(newSimDisk(), Options{})
	require.NoError(t, err)
	for _, j := range []Journal{d, new(Memory)} {
		r := note("A", "e1")
		r.Links = map[string]string{"device": "d1", "Device": "d2"}
		_, err := j.Write(t.Context(), r)
		assert.ErrorIs(t, err, ErrInvalid)
		assert.ErrorContains(t, err, "differs from `Device` only in capitals")
		_, err = j.Write(t.Context(), note("A", "e2"))
		require.NoError(t, err)
	}
	require.NoError(t, d.Close())
}

// Two tokens with one hash are told apart by the records.
func TestTokensWithOneHashAreApart(t *testing.T) {
	d, err := openOn(newSimDisk(), Options{})
	require.NoError(t, err)
	r := note("A", "e1")
	r.Links = map[string]string{"device": "d1", "phone": "d1"}
	require.NoError(t, together(t, d, r, note("A", "e2")))
	x := d.index
	x.tokens[maphash.String(x.seed, "d2")] = x.tokens[maphash.String(x.seed, "d1")]
	n := 0
	for _, err := range d.Linked(t.Context(), "d1") {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 1, n)
	for e := range d.Linked(t.Context(), "d2") {
		assert.Fail(t, "no record holds it", "%s", e.Data)
	}
	require.NoError(t, d.Close())
}

// A late context ends after it was asked once.
type late struct {
	context.Context
	asked bool
}

func (l *late) Err() error {
	if !l.asked {
		l.asked = true
		return nil
	}
	return l.Context.Err()
}

// held is a journal whose disk waits in a sync until it is told to go on, with an error or
// without.
func held(t *testing.T) (d *Dir, reached chan bool, goOn chan error) {
	disk := newSimDisk()
	d, err := openOn(disk, Options{})
	require.NoError(t, err)
	require.NoError(t, together(t, d, note("Z", "e0")))
	reached, goOn = make(chan bool), make(chan error)
	disk.fails = func(_ int, what string) (int, error) {
		if what != "sync" {
			return 0, nil
		}
		disk.mu.Unlock()
		defer disk.mu.Lock()
		reached <- true
		return 0, <-goOn
	}
	return d, reached, goOn
}

// A refusal, a repeat and a book rest on what is durable alone.
func TestAnswersWaitForWhatIsBeingWritten(t *testing.T) {
	p, err := refund.ParsePolicy("p.yaml", []byte(modelPolicy))
	require.NoError(t, err)
	reserve := func(request string) *refund.Record {
		o := &refund.Order{
			ID: "A", Currency: "USD", Lines: []refund.Line{{ID: "lamp", Quantity: 1, UnitPrice: decimal.NewFromInt(10)}},
			Payments: []refund.Payment{{ID: "card", Kind: "card", Captured: decimal.NewFromInt(10)}},
		}
		r := &refund.Request{ID: request, Kind: refund.KindRefund, At: noon, Reason: "broken", Lines: []refund.RequestLine{{Line: "lamp", Quantity: 1}}}
		d, err := p.Decide(o, r, noon)
		require.NoError(t, err)
		rec := d.Record(o, r)
		rec.Kind, rec.Amount = refund.RecordReserved, &d.Total
		return rec
	}
	for _, fails := range []error{nil, errDisk} {
		d, reached, goOn := held(t)
		admit := func(r *refund.Record) admission {
			bare, err := Encode(r)
			require.NoError(t, err)
			d.mu.Lock()
			defer d.mu.Unlock()
			a, err := d.admit(t.Context(), r, bare)
			require.NoError(t, err)
			return a
		}
		first := admit(reserve("R1"))
		<-reached
		repeat := admit(reserve("R1"))
		assert.True(t, repeat.repeat && repeat.item == first.item && repeat.wait == first.wait)
		second := admit(reserve("R2"))
		assert.True(t, second.item == nil && second.wait == first.wait, "it is not refused yet")
		d.mu.Lock()
		d.next.bytes = maxGather + 1
		d.mu.Unlock()
		full := admit(note("B", "e1"))
		assert.True(t, full.item == nil && full.wait == first.wait, "it waits for room")
		d.mu.Lock()
		d.next.bytes = 0
		d.mu.Unlock()

		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		assert.ErrorIs(t, first.wait.wait(cancelled), context.Canceled)
		_, err = d.Book(&late{Context: cancelled}, "A")
		assert.ErrorIs(t, err, context.Canceled, "the book is waited for")
		book := make(chan *Book)
		go func() {
			b, err := d.Book(t.Context(), "A")
			assert.NoError(t, err)
			book <- b
		}()
		written := make(chan error)
		go func() {
			_, err := d.Write(t.Context(), reserve("R2"))
			written <- err
		}()
		goOn <- fails
		if fails == nil {
			assert.EqualValues(t, 1, (<-book).Seq)
			assert.ErrorIs(t, <-written, ErrStale)
			e, err := d.Write(t.Context(), reserve("R1"))
			require.NoError(t, err)
			assert.True(t, e.Repeat)
		} else {
			<-reached
			goOn <- nil
			assert.NoError(t, <-written, "what refused it has failed")
			assert.LessOrEqual(t, (<-book).Seq, int64(1))
		}
		require.NoError(t, d.Close())
	}
}
