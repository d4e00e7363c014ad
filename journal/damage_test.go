package journal

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sevenBatches are 21 records in batches of 1 to 5, and their head.
func sevenBatches(t *testing.T, segmentBytes int64) (*simDisk, Head) {
	disk := newSimDisk()
	d, err := openOn(disk, Options{SegmentBytes: segmentBytes})
	require.NoError(t, err)
	n := 0
	for _, size := range []int{1, 3, 5, 2, 4, 1, 5} {
		records := records(n, size)
		require.NoError(t, together(t, d, records...))
		n += size
	}
	head := d.Head()
	require.EqualValues(t, 21, head.Records)
	require.NoError(t, d.Close())
	return disk, head
}

func TestASegmentThatIsCutAnywhereHoldsItsWholeBatches(t *testing.T) {
	disk, _ := sevenBatches(t, 1<<20)
	name := segmentName(1)
	whole := disk.files[name].data
	first := bytes.IndexByte(whole, '\n') + 1
	ends := map[int]int{first: 0} // records by where a batch ends
	at, records := first, 0
	for line := range bytes.Lines(whole[first:]) {
		if at += len(line); line[0] == '=' {
			ends[at] = records
		} else {
			records++
		}
	}
	require.Len(t, ends, 8)
	require.Equal(t, 21, records)
	for cut := range len(whole) + 1 {
		end, want := 0, 0
		for e, n := range ends {
			if e <= cut && e >= end {
				end, want = e, n
			}
		}
		disk := newSimDisk()
		disk.put(name, whole[:cut])
		d, err := openOn(disk, Options{})
		require.NoError(t, err, cut)
		require.EqualValues(t, want, d.Head().Records, cut)
		require.Len(t, eventsOf(t, d), want)
		if cut == end && cut > 0 {
			require.Empty(t, d.Recovered(), cut)
			require.Len(t, disk.files, 1)
		} else {
			require.Len(t, d.Recovered(), 1, cut)
			torn := d.Recovered()[0]
			require.EqualValues(t, end, torn.Place.Offset)
			require.EqualValues(t, cut-end, torn.Bytes)
			if cut > 0 {
				require.Equal(t, fmt.Sprintf("000000000001.journal.torn-%d", end), torn.File)
				require.Equal(t, whole[end:cut], disk.files[torn.File].durable)
			}
		}
		e, err := d.Write(t.Context(), note("A0", "more"))
		require.NoError(t, err)
		require.NoError(t, d.Close())
		v, err := verifyOn(disk, d.Head())
		require.NoError(t, err)
		require.EqualValues(t, want+1, v.Head.Records)
		require.Equal(t, Cursor(fmt.Sprint(want+1)), e.Cursor)
	}
}

// Every bit of a journal, flipped: a head that was kept tells, whatever it is.
func TestNoFlippedBitIsSilent(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 7
	}
	disk, head := sevenBatches(t, 2500)
	names, err := disk.Names()
	require.NoError(t, err)
	require.Len(t, names, 2)
	flips, torn := 0, 0
	for _, name := range names {
		data := disk.files[name].data
		for bit := 0; bit < 8*len(data); bit += step {
			data[bit/8] ^= 1 << (bit % 8)
			v, err := verifyOn(disk, head)
			require.ErrorIs(t, err, ErrTampered, "%s, bit %d", name, bit)
			var e *Error
			require.ErrorAs(t, err, &e)
			if e.Place.Segment == "" {
				// Verified but for the end, which only the head tells: what Open takes for
				// torn by a crash, and says.
				torn++
				require.Len(t, v.Torn, 1)
				if torn%20 == 1 {
					d, err := openOn(disk.clone(), Options{})
					require.NoError(t, err)
					require.Len(t, d.Recovered(), 1)
					require.NoError(t, d.Close())
				}
			} else if flips%100 == 0 {
				_, err := openOn(disk.clone(), Options{})
				require.ErrorIs(t, err, ErrTampered)
			}
			data[bit/8] ^= 1 << (bit % 8)
			flips++
		}
	}
	t.Logf("%d flipped bits, %d of them like a torn end", flips, torn)
	assert.Greater(t, flips, 40_000/step)
	assert.Less(t, torn, flips/50) // the end line of the last batch has 71 bytes of some 6,000
	_, err = verifyOn(disk, head)
	require.NoError(t, err)
}

func TestWhatWasDoneToAJournalIsNamed(t *testing.T) {
	disk, head := sevenBatches(t, 1<<20)
	older := Head{}
	lines := bytes.SplitAfter(disk.files[segmentName(1)].data, []byte("\n"))
	lines = lines[:len(lines)-1]
	require.Len(t, lines, 1+21+7)
	// Lines from 0: 0 header, 1 e1, 2 =, 3 to 5 e2 to e4, 6 =, 7 to 11 e5 to e9, 12 =, 13 e10, 14 e11, 15 =,
	// 16 to 19 e12 to e15, 20 =, 21 e16, 22 =, 23 to 27 e17 to e21, 28 =. A0 has e1, e4, ..., A1 e2, e5, ..., A2 e3, e6, ...
	for _, c := range []struct {
		name   string
		change func(l [][]byte) [][]byte
		line   int
		words  string
		head   bool // only a head tells
	}{
		{"a changed record", func(l [][]byte) [][]byte { l[4] = bytes.Replace(l[4], []byte(`"e3"`), []byte(`"e9"`), 1); return l }, 5, `order "A2": record 1: 000000000001.journal, line 5, byte`, false},
		{"a changed record with its hash", func(l [][]byte) [][]byte {
			data := bytes.Replace(l[4][65:len(l[4])-1], []byte(`"e3"`), []byte(`"e9"`), 1)
			l[4] = appendRecord(nil, HashOf(data), data)
			return l
		}, 7, "is not the one that was written here", false},
		{"a missing record", func(l [][]byte) [][]byte { return append(l[:8:8], l[9:]...) }, 11, `order "A2": record 3: 000000000001.journal, line 11, byte 1561: the one before it in the journal is record 1 of the order`, false},
		{"a missing record, the last of its order", func(l [][]byte) [][]byte { return append(l[:27:27], l[28:]...) }, 28, "the batch that ends here has 4 records and is said to have 5", false},
		{"two records change places", func(l [][]byte) [][]byte { l[3], l[5] = l[5], l[3]; return l }, 7, "is not the one that was written here", false},
		{"a missing batch", func(l [][]byte) [][]byte { return append(l[:21:21], l[23:]...) }, 24, `order "A0": record 7: 000000000001.journal, line 24, byte`, false},
		{"two batches change places", func(l [][]byte) [][]byte {
			return append(append(append(l[:7:7], l[13:16]...), l[7:13]...), l[16:]...)
		}, 8, "record", false},
		{"a batch twice", func(l [][]byte) [][]byte { return append(append(l[:16:16], l[13:16]...), l[16:]...) }, 17, "record", false},
		{"an empty line", func(l [][]byte) [][]byte { return append(append(l[:16:16], []byte("\n")), l[16:]...) }, 17, "neither a record nor the end", false},
		{"a batch of its own", func(l [][]byte) [][]byte {
			data := []byte(`{"seq":1,"order":"Z","kind":"noted","at":"2026-03-05T12:00:00Z"}`)
			h := HashOf(data)
			return append(append(l[:16:16], appendRecord(nil, h, data), appendEnd(nil, 1, batchHash(Hash{}, []Hash{h}))), l[16:]...)
		}, 18, "is not the one that was written here", false},
		{"no header", func(l [][]byte) [][]byte { return l[1:] }, 1, "the first line has to be \"fairback journal 1 segment 1 before 0 records 0 batch 0000", false},
		{"an end that is cut off", func(l [][]byte) [][]byte { return l[:21] }, 0, "the end is cut off: 15 records are there, 21 were written", true},
		{"an end that is cut off in a batch", func(l [][]byte) [][]byte { return l[:26] }, 0, "the end is cut off: 16 records are there, 21 were written", true},
		{"nothing", func(l [][]byte) [][]byte { return nil }, 0, "the end is cut off: 0 records are there, 21 were written", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := newSimDisk()
			list := c.change(append([][]byte(nil), lines...))
			changed.put(segmentName(1), bytes.Join(list, nil))
			_, err := verifyOn(changed, head)
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.ErrorIs(t, err, ErrTampered)
			assert.ErrorContains(t, err, c.words)
			assert.Equal(t, c.line, e.Place.Line)
			if c.line > 0 {
				assert.EqualValues(t, len(bytes.Join(list[:c.line-1], nil)), e.Place.Offset)
			}
			v, err := verifyOn(changed, older)
			d, opened := openOn(changed, Options{})
			if !c.head {
				assert.ErrorIs(t, err, ErrTampered)
				assert.ErrorIs(t, opened, ErrTampered)
				assert.Equal(t, e.Error(), opened.Error())
				return
			}
			require.NoError(t, err)
			require.NoError(t, opened)
			assert.False(t, v.EndKnown)
			require.NoError(t, d.Close())
		})
	}
}

func TestSegmentsThatAreMissingAreNamed(t *testing.T) {
	disk, head := sevenBatches(t, 500)
	names, err := disk.Names()
	require.NoError(t, err)
	require.Greater(t, len(names), 4)
	for i, name := range names {
		d := disk.clone()
		require.NoError(t, d.Remove(name))
		_, err := verifyOn(d, head)
		require.ErrorIs(t, err, ErrTampered)
		if i < len(names)-1 {
			assert.ErrorContains(t, err, name+", line 1, byte 0: the segment is missing")
		} else {
			assert.ErrorContains(t, err, "the end is cut off")
		}
		d = disk.clone()
		other := names[(i+1)%len(names)]
		d.files[name], d.files[other] = d.files[other], d.files[name]
		_, err = verifyOn(d, head)
		assert.ErrorIs(t, err, ErrTampered)
		// Bytes behind what the next segment tells of are no part of the journal.
		d = disk.clone()
		d.files[name].data = append(d.files[name].data, "= 1 torn"...)
		v, err := verifyOn(d, head)
		require.NoError(t, err)
		assert.Equal(t, i == len(names)-1, len(v.Torn) == 1)
	}
}

// The power goes while a batch is on its way: a sector of it is on the disk and one
// before it is not, which then reads as zeros. The same anywhere else is damage.
func TestASectorThatNeverCameIsTorn(t *testing.T) {
	disk := newSimDisk()
	d, err := openOn(disk, Options{})
	require.NoError(t, err)
	require.NoError(t, together(t, d, records(0, 2)...))
	before := d.Head()
	start := len(disk.files[segmentName(1)].data)
	require.NoError(t, together(t, d, records(2, 15)...))
	middle := len(disk.files[segmentName(1)].data)
	require.Greater(t, middle, start+4*sector)
	for _, c := range []struct{ from, to int }{{3 * sector, 4 * sector}, {2 * sector, 3 * sector}, {4*sector + 1, 5 * sector}, {4*sector - 1, 4 * sector}} {
		damaged := disk.clone()
		clear(damaged.files[segmentName(1)].data[c.from:c.to])
		r, err := openOn(damaged, Options{})
		if c.from%sector != 0 {
			assert.ErrorIs(t, err, ErrTampered)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, before, r.Head())
		require.Len(t, r.Recovered(), 1)
		require.NoError(t, r.Close())
	}
	require.NoError(t, together(t, d, records(17, 1)...))
	require.NoError(t, d.Close())
	clear(disk.files[segmentName(1)].data[3*sector : 4*sector])
	_, err = openOn(disk, Options{})
	assert.ErrorIs(t, err, ErrTampered)
}

// Arbitrary bytes as a segment: an error, or a journal that goes on.
func FuzzSegment(f *testing.F) {
	disk := newSimDisk()
	d, err := openOn(disk, Options{SegmentBytes: 1})
	require.NoError(f, err)
	for i := range 3 {
		require.NoError(f, together(f, d, records(i, 1+i)...))
	}
	require.NoError(f, d.Close())
	f.Add(disk.files[segmentName(1)].data, disk.files[segmentName(2)].data)
	f.Add(disk.files[segmentName(1)].data, []byte{})
	f.Add([]byte("fairback journal 1 segment 1 before 0 records 0 batch "), []byte("= 1 "))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		disk := newSimDisk()
		disk.put(segmentName(1), first)
		if len(second) > 0 {
			disk.put(segmentName(2), second)
		}
		v, verified := verifyOn(disk.clone(), Head{})
		d, err := openOn(disk, Options{})
		if err != nil {
			require.ErrorIs(t, err, ErrTampered)
			require.Error(t, verified)
			return
		}
		require.NoError(t, verified)
		require.Equal(t, v.Head, d.Head())
		require.Len(t, d.Recovered(), len(v.Torn))
		require.NoError(t, together(t, d, note("new", "e")))
		require.NoError(t, d.Close())
		again, err := verifyOn(disk, d.Head())
		require.NoError(t, err)
		require.Equal(t, v.Head.Records+1, again.Head.Records)
	})
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte(header{3, 500, 7, Hash{1}}.line()))
	f.Add(appendEnd(nil, 3, Hash{2}))
	f.Fuzz(func(t *testing.T, line []byte) {
		if h, ok := parseHeader(line); ok {
			require.Equal(t, string(line), string(h.line()))
		}
		if n, h, ok := parseEnd(line); ok {
			require.Equal(t, string(line), string(appendEnd(nil, n, h)))
		}
	})
}

func TestALineHasOneForm(t *testing.T) {
	h := header{3, 500, 7, Hash{0xab}}.line()
	got, ok := parseHeader(h)
	require.True(t, ok)
	assert.Equal(t, header{3, 500, 7, Hash{0xab}}, got)
	for _, bad := range []string{"", "\n", string(h[:len(h)-1]), string(bytes.Replace(h, []byte("500"), []byte("0500"), 1)), string(bytes.Replace(h, []byte("500"), []byte("+500"), 1)),
		string(bytes.ToUpper(h)), string(bytes.Replace(h, []byte("ab"), []byte("AB"), 1)), string(h) + "\n", " " + string(h), string(bytes.Replace(h, []byte("journal 1"), []byte("journal 2"), 1))} {
		_, ok := parseHeader([]byte(bad))
		assert.False(t, ok, "%q", bad)
	}
	e := appendEnd(nil, 12, Hash{0xab})
	n, hash, ok := parseEnd(e)
	require.True(t, ok)
	assert.Equal(t, 12, n)
	assert.Equal(t, Hash{0xab}, hash)
	for _, bad := range []string{"", "= ", "= 1", "= 1 \n", string(e[:len(e)-1]), string(bytes.Replace(e, []byte("12"), []byte("0"), 1)), string(bytes.Replace(e, []byte("12"), []byte("012"), 1)),
		string(bytes.Replace(e, []byte("ab"), []byte("AB"), 1)), string(e) + "\n"} {
		_, _, ok := parseEnd([]byte(bad))
		assert.False(t, ok, "%q", bad)
	}
	assert.False(t, errors.Is(damaged(Place{}, ""), ErrStorage))
}
