package vault

import (
	"bytes"
	"maps"
	"slices"
)

// A table is keys in memory.
type table struct {
	keys map[ID]*entry
	owns map[own]bool
}

// An entry is the key of a value and how many own it.
type entry struct {
	key    Key
	owners int
}

// An own is one owner of one value.
type own struct{ value, owner ID }

// A change is a value that gets its key and a first owner, or one more owner.
type change struct {
	own
	key   Key
	fresh bool
}

func newTable() *table { return &table{map[ID]*entry{}, map[own]bool{}} }

// changes are what has to be done before the wanted keys can be given.
func (t *table) changes(wants []Want) []change {
	var out []change
	fresh, seen := map[ID]bool{}, map[own]bool{}
	for _, w := range wants {
		o := own{w.Value, w.Owner}
		if t.owns[o] || seen[o] {
			continue
		}
		seen[o] = true
		c := change{own: o}
		if t.keys[w.Value] == nil && !fresh[w.Value] {
			fresh[w.Value] = true
			c.key, c.fresh = w.Fresh, true
		}
		out = append(out, c)
	}
	return out
}

// apply makes a change. It says whether the change was one.
func (t *table) apply(c change) bool {
	e := t.keys[c.value]
	if t.owns[c.own] || c.fresh == (e != nil) {
		return false
	}
	if c.fresh {
		e = &entry{key: c.key}
		t.keys[c.value] = e
	}
	t.owns[c.own] = true
	e.owners++
	return true
}

func (t *table) take(wants []Want) []Key {
	out := make([]Key, len(wants))
	for i, w := range wants {
		out[i] = t.keys[w.Value].key
	}
	return out
}

func (t *table) find(value ID) (Key, bool) {
	if e := t.keys[value]; e != nil {
		return e.key, true
	}
	return Key{}, false
}

// of are the values of an owner, sorted.
func (t *table) of(owner ID) []ID {
	var out []ID
	for o := range t.owns {
		if o.owner == owner {
			out = append(out, o.value)
		}
	}
	slices.SortFunc(out, compare)
	return out
}

// without is the table that is left once the owner is erased, and how many keys are not
// in it any more. The entries of t stay as they are.
func (t *table) without(owner ID) (*table, int) {
	left := &table{maps.Clone(t.keys), maps.Clone(t.owns)}
	n := 0
	for _, value := range t.of(owner) {
		delete(left.owns, own{value, owner})
		e := *left.keys[value]
		if e.owners--; e.owners == 0 {
			delete(left.keys, value)
			n++
			continue
		}
		left.keys[value] = &e
	}
	return left, n
}

// all are the changes that make the table from nothing, always in the same order.
func (t *table) all() []change {
	owns := slices.Collect(maps.Keys(t.owns))
	slices.SortFunc(owns, func(a, b own) int {
		if c := compare(a.value, b.value); c != 0 {
			return c
		}
		return compare(a.owner, b.owner)
	})
	out := make([]change, len(owns))
	for i, o := range owns {
		out[i] = change{own: o}
		if i == 0 || owns[i-1].value != o.value {
			out[i].key, out[i].fresh = t.keys[o.value].key, true
		}
	}
	return out
}

func compare(a, b ID) int { return bytes.Compare(a[:], b[:]) }
