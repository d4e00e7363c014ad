package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var ctx = context.Background()

func want(value, owner, fresh byte) Want {
	return Want{Value: ID{value}, Owner: ID{owner}, Fresh: Key{fresh}}
}

func take(t require.TestingT, k Keys, wants ...Want) []Key {
	keys, err := k.Take(ctx, wants)
	require.NoError(t, err)
	return keys
}

func TestKeysStandInTheFileWhenItIsOpenedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	f, err := Open(path)
	require.NoError(t, err)
	_, err = Open(path)
	require.ErrorIs(t, err, ErrLocked)
	// One call with a value three times: the first key counts for all.
	assert.Equal(t, []Key{{1}, {1}, {1}, {3}}, take(t, f, want(1, 1, 1), want(1, 2, 2), want(1, 2, 4), want(2, 1, 3)))
	assert.Equal(t, []Key{{1}, {4}}, take(t, f, want(1, 1, 9), want(3, 1, 4)))
	require.NoError(t, f.Close())
	require.NoError(t, f.Close())
	_, err = f.Take(ctx, nil)
	assert.ErrorIs(t, err, ErrClosed)

	f, err = Open(path)
	require.NoError(t, err)
	assert.Equal(t, []Key{{1}, {3}, {4}}, take(t, f, want(1, 1, 9), want(2, 1, 9), want(3, 1, 9)))
	n, err := f.Erase(ctx, ID{1})
	require.NoError(t, err)
	assert.Equal(t, 2, n, "the first value is owned by 2 as well")
	require.NoError(t, f.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, 2, bytes.Count(data, []byte("\n")), "the header and one value: %s", data)

	f, err = Open(path)
	require.NoError(t, err)
	defer f.Close()
	key, ok, err := f.Find(ctx, ID{1})
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, Key{1}, key)
	_, ok, err = f.Find(ctx, ID{2})
	require.NoError(t, err)
	assert.False(t, ok)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	done, cancel := context.WithCancel(ctx)
	cancel()
	_, err = f.Take(done, nil)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestManyMayTakeAtOnce(t *testing.T) {
	f, err := Open(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	defer f.Close()
	for name, keys := range map[string]Keys{"file": f, "memory": new(Memory)} {
		var wg sync.WaitGroup
		got := make([][]Key, 8)
		for i := range got {
			wg.Go(func() {
				for v := range byte(10) {
					keys, err := keys.Take(ctx, []Want{want(v, byte(i), byte(10*i)+v)})
					if assert.NoError(t, err) {
						got[i] = append(got[i], keys[0])
					}
				}
			})
		}
		wg.Wait()
		for i := range got {
			assert.Equal(t, got[0], got[i], name)
		}
	}
}

// sample is a file of six lines behind its header: the first value is of 1 and 2, the
// second of 1 and 3, the third of 2 and the fourth of 1.
func sample(t require.TestingT) (*fakeDisk, *File) {
	d := newDisk()
	f, err := open("keys", d)
	require.NoError(t, err)
	take(t, f, want(1, 1, 1), want(1, 2, 0), want(2, 1, 2))
	take(t, f, want(3, 2, 3), want(2, 3, 0), want(4, 1, 4))
	return d, f
}

func TestATornEndIsCutOff(t *testing.T) {
	d, _ := sample(t)
	whole := d.names["keys"].data
	lines := bytes.SplitAfter(whole, []byte("\n"))
	require.Len(t, lines, 8)
	for n := len(header); n < len(whole); n++ {
		for _, tail := range []string{"", strings.Repeat("\x00", 100_000)} {
			c := newDisk()
			c.names["keys"] = &fakeFile{disk: c, data: append(bytes.Clone(whole[:n]), tail...)}
			f, err := open("keys", c)
			require.NoError(t, err, n)
			want := bytes.LastIndexByte(whole[:n], '\n') + 1
			assert.Len(t, f.table.owns, bytes.Count(whole[:want], []byte("\n"))-1)
			take(t, f, Want{Value: ID{9}, Owner: ID{9}, Fresh: Key{9}})
			again, err := open("keys", c.unlocked())
			require.NoError(t, err, n)
			assert.Equal(t, f.table, again.table)
		}
	}
}

func (d *fakeDisk) unlocked() *fakeDisk { d.locked = false; return d }

func TestDamageIsNeverMended(t *testing.T) {
	d, _ := sample(t)
	whole := d.names["keys"].data
	for at := range whole[:len(whole)-1] { // without its last byte the last line is torn
		for bit := range 8 {
			data := bytes.Clone(whole)
			data[at] ^= 1 << bit
			c := newDisk()
			c.names["keys"] = &fakeFile{disk: c, data: data}
			_, err := open("keys", c)
			require.ErrorIs(t, err, ErrDamaged, "byte %d, bit %d", at, bit)
			require.Equal(t, data, c.names["keys"].data)
			require.False(t, c.locked)
		}
	}
	lines := strings.SplitAfter(string(whole), "\n")
	for name, c := range map[string]struct{ data, want string }{
		"an empty file":        {"", "line 1 of the keys is no header of this version"},
		"another file":         {"dear diary", "line 1 of the keys is no header of this version"},
		"a version to come":    {"fairback keys 2\n", "line 1 of the keys is no header of this version"},
		"a line twice":         {lines[0] + lines[1] + lines[1], "line 3 of the keys contradicts one before it"},
		"an owner of nothing":  {lines[0] + lines[2], "line 2 of the keys contradicts one before it"},
		"a line is cut out":    {lines[0] + lines[2] + lines[3], "line 2 of the keys contradicts one before it"},
		"a line without words": {lines[0] + "\n", "line 2 of the keys is not as it was written"},
		"a long line":          {lines[0] + strings.Repeat("x", 200_000) + "\n", "line 2 of the keys is not as it was written"},
	} {
		_, _, err := decode(strings.NewReader(c.data))
		assert.EqualError(t, err, "vault: "+c.want, name)
	}
}

// What a process does with the keys, and what it was told.
type model struct {
	keys map[ID]Key         // acknowledged
	owns map[ID]map[ID]bool // by value
}

func (m *model) erase(owner ID) (n int) {
	for value, owners := range m.owns {
		if owners[owner] {
			delete(owners, owner)
			if len(owners) == 0 {
				delete(m.owns, value)
				delete(m.keys, value)
				n++
			}
		}
	}
	return n
}

// holds the keys against the model: what was acknowledged is there with its key.
func (m *model) holds(t require.TestingT, f *File, when string) {
	for value, key := range m.keys {
		got, ok, err := f.Find(ctx, value)
		require.NoError(t, err)
		require.True(t, ok, "%s: value %d is lost", when, value[0])
		require.Equal(t, key, got, "%s: value %d", when, value[0])
	}
}

// An erasure fails at each of its steps in turn, once and twice, and the machine stops.
// Then the person is erased as a whole or not at all, and once Erase has said so, for
// ever; nobody else has lost anything.
func TestErasingIsCrashSafe(t *testing.T) {
	fails := 0
	for _, whole := range []bool{false, true} {
		for n := 1; ; n++ {
			clean := true
			for _, twice := range []bool{false, true} {
				for _, seen := range []bool{false, true} {
					for _, rest := range []int{0, 150, 1 << 20} {
						d, f := sample(t)
						d.whole = whole
						start := d.step
						d.fails = func(step int) bool {
							hit := step == start+n || twice && step == start+n+1
							clean = clean && !hit
							return hit
						}
						count, err := f.Erase(ctx, ID{1})
						if err != nil {
							fails++
							require.ErrorIs(t, err, ErrStorage)
							require.ErrorIs(t, err, errDisk)
						} else {
							require.Equal(t, 1, count)
						}
						again, openErr := open("keys", d.crash(rest, seen))
						require.NoError(t, openErr)
						for _, value := range []byte{1, 2, 3} {
							require.NotNil(t, again.table.keys[ID{value}], "others own it")
						}
						owned := len(again.table.of(ID{1}))
						require.Equal(t, owned > 0, again.table.keys[ID{4}] != nil)
						require.True(t, owned == 0 || owned == 3 && err != nil, "%d values are left", owned)

						if err != nil { // the process went on, with a disk that works
							d.fails = func(int) bool { return false }
							if twice {
								take(t, f, want(7, 7, 7))
								again, openErr = open("keys", d.crash(rest, seen))
								require.NoError(t, openErr)
								require.Len(t, again.table.of(ID{7}), 1)
							}
							_, err = f.Erase(ctx, ID{1})
							require.NoError(t, err)
							again, openErr = open("keys", d.crash(rest, seen))
							require.NoError(t, openErr)
							require.Empty(t, again.table.of(ID{1}))
						}
					}
				}
			}
			if clean {
				break
			}
		}
	}
	require.Greater(t, fails, 50)
}

func TestTheKeysSurviveAnyCrash(t *testing.T) {
	var crashes, failures, erased int
	property := func(t *rapid.T) {
		d := newDisk()
		m := model{map[ID]Key{}, map[ID]map[ID]bool{}}
		f, err := open("keys", d)
		require.NoError(t, err)
		maybe := map[ID]bool{} // of whom it is not known whether they are erased
		sure := true           // every key that may be there was acknowledged
		next := byte(0)
		for range rapid.IntRange(1, 30).Draw(t, "calls") {
			bad := rapid.IntRange(0, 12).Draw(t, "fails")
			start := d.step
			d.whole = rapid.Bool().Draw(t, "whole")
			d.fails = func(step int) bool { return bad > 0 && step == start+bad }
			next++
			owner := ID{rapid.ByteRange(1, 3).Draw(t, "owner")}
			switch rapid.IntRange(0, 4).Draw(t, "call") {
			case 0:
				n, err := f.Erase(ctx, owner)
				if err != nil {
					failures++
					maybe[owner] = true
					break
				}
				if gone := m.erase(owner); sure && !maybe[owner] {
					require.Equal(t, gone, n)
				}
				delete(maybe, owner)
				erased++
				require.Empty(t, f.table.of(owner))
			case 1:
				d = d.crash(rapid.IntRange(0, 400).Draw(t, "rest"), rapid.Bool().Draw(t, "seen"))
				f, err = open("keys", d)
				require.NoError(t, err)
				crashes++
			default:
				w := Want{Value: ID{rapid.ByteRange(1, 5).Draw(t, "value")}, Owner: owner, Fresh: Key{next}}
				keys, err := f.Take(ctx, []Want{w})
				if err != nil {
					failures++
					sure = false
					break
				}
				if key, ok := m.keys[w.Value]; ok && len(maybe) == 0 {
					require.Equal(t, key, keys[0])
				}
				m.keys[w.Value] = keys[0]
				if m.owns[w.Value] == nil {
					m.owns[w.Value] = map[ID]bool{}
				}
				m.owns[w.Value][owner] = true
			}
			d.fails = func(int) bool { return false }
			for o := range maybe { // an erasure that failed is done again until it is not
				_, err := f.Erase(ctx, o)
				require.NoError(t, err)
				m.erase(o)
				delete(maybe, o)
			}
			m.holds(t, f, "now")
			again, err := open("keys", d.crash(0, false))
			require.NoError(t, err)
			m.holds(t, again, "after a crash")
		}
	}
	for n := 0; n < 1 || min(crashes, failures, erased) <= 50 && n < 20; n++ { // how many are drawn at once depends on flags
		rapid.Check(t, property)
	}
	assert.Greater(t, min(crashes, failures, erased), 50, "%d crashes, %d failures, %d erased", crashes, failures, erased)
}

func TestAFileThatCannotBeMadeIsNone(t *testing.T) {
	for n := 1; ; n++ {
		d := newDisk()
		d.fails = func(step int) bool { return step == n }
		_, err := open("keys", d)
		if err == nil {
			require.Greater(t, n, 4)
			break
		}
		require.ErrorIs(t, err, ErrStorage)
		require.False(t, d.locked)
		_, err = open("keys", d)
		require.NoError(t, err)
	}
	_, err := Open(filepath.Join(t.TempDir(), "none", "keys"))
	assert.ErrorIs(t, err, ErrStorage)
	assert.True(t, errors.Is(err, fs.ErrNotExist))
}

// What an erasure left unfinished holds keys that were to be destroyed.
func TestAnUnfinishedFileIsRemoved(t *testing.T) {
	d, _ := sample(t)
	d.names["keys.new"] = &fakeFile{disk: d, data: []byte("key")}
	_, err := open("keys", d.unlocked())
	require.NoError(t, err)
	assert.Nil(t, d.names["keys.new"])
}

func FuzzKeysFile(f *testing.F) {
	d, _ := sample(f)
	f.Add(d.names["keys"].data)
	f.Add([]byte(header))
	f.Add([]byte(header + "key "))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, torn, err := decode(bytes.NewReader(data))
		if err != nil {
			require.ErrorIs(t, err, ErrDamaged)
			return
		}
		var out bytes.Buffer
		require.NoError(t, encode(&out, table))
		again, rest, err := decode(&out)
		require.NoError(t, err)
		assert.False(t, rest)
		assert.Equal(t, table, again)
		if n := bytes.LastIndexByte(data, '\n') + 1; torn != (n < len(data)) {
			t.Fatal(fmt.Sprint("torn is ", torn))
		}
	})
}
