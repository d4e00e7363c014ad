package refund

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"

	"github.com/fairback/refund/internal/expr"
)

// farthest is how many bits of two perceptual hashes can differ.
const farthest = 64

// likeness says of the photos of a request how near the nearest photo of the
// history is: within[d] of them lie at most d bits away.
type likeness struct {
	within [farthest + 1]int64
}

// photosMethod counts the photos of the request that came up before.
var photosMethod = expr.Method{
	Name: "photos", Params: []expr.Kind{expr.Int}, Ranges: [][2]int64{{0, farthest}}, Result: expr.Type{Kind: expr.Int}, Optional: true,
	Call: func(frame any, args []expr.Value) expr.Value {
		r, d := frame.(*scope).run, args[0].AsInt()
		switch {
		case r.r.History == nil:
			return expr.Missing("history")
		case d < 0 || d > farthest:
			return expr.Failed(fmt.Errorf("two hashes differ in 0 to %d bits, and not in %d", farthest, d))
		}
		if r.photos == nil {
			r.photos = &likeness{}
			r.compare(r.photos)
		}
		return expr.OfInt(r.photos.within[d])
	},
}

// compare holds the photos of the request against those of other requests, once for
// a decision: equal files are no bit apart, and files are never compared with
// perceptual hashes.
func (r *run) compare(out *likeness) {
	files := map[string]bool{} // hash: whether it came up before
	var hashes []uint64
	for i, p := range r.r.Photos {
		switch {
		case slices.Contains(r.r.Photos[:i], p): // the same photo, handed in again
		case len(p) == exactHash:
			files[p] = false
		default:
			hashes = append(hashes, hashOf(p))
		}
	}
	nearest := make([]int, len(hashes))
	for i := range nearest {
		nearest[i] = farthest + 1
	}
	for i := range r.r.History {
		e := &r.r.History[i]
		if e.Request == r.r.ID || e.At.After(r.r.At) {
			continue
		}
		r.steps += int64(len(e.Photos)) * int64(1+len(hashes))
		for _, p := range e.Photos {
			if len(p) == exactHash {
				if before, ours := files[p]; ours && !before {
					files[p] = true
					out.within[0]++
				}
				continue
			}
			h := hashOf(p)
			for j := range hashes {
				nearest[j] = min(nearest[j], bits.OnesCount64(h^hashes[j]))
			}
		}
	}
	for _, d := range nearest {
		if d <= farthest {
			out.within[d]++
		}
	}
	for d := 1; d <= farthest; d++ {
		out.within[d] += out.within[d-1]
	}
}

// hashOf is a perceptual hash that passed the door.
func hashOf(s string) uint64 {
	h, _ := strconv.ParseUint(s, 16, 64)
	return h
}
