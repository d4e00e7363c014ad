package main

import (
	"reflect"
	"unsafe"

	"github.com/fairback/refund"
)

// ownAllocations is how many allocations a Decision is itself made of: what can
// be reached from a that cannot be reached from b, a second Decision for the same
// input. What both share belongs to the policy or to the input.
//
// Each pointer, slice and text counts one, and a map two, its header and its
// slots. An amount is a pointer to a big.Int with a slice of words, so two, and
// one if it is zero; one that stands in several places counts once. This is what
// it takes when each is made by itself: several that are cut from one
// allocation count as many.
func ownAllocations(a, b *refund.Decision) int {
	shared, own := map[unsafe.Pointer]int{}, map[unsafe.Pointer]int{}
	reach(reflect.ValueOf(b), shared)
	reach(reflect.ValueOf(a), own)
	n := 0
	for p, count := range own {
		if _, ok := shared[p]; !ok {
			n += count
		}
	}
	return n
}

// reach notes every allocation that v leads to, by its address.
func reach(v reflect.Value, seen map[unsafe.Pointer]int) {
	note := func(p unsafe.Pointer, n int) bool {
		if _, ok := seen[p]; ok || p == nil {
			return false
		}
		seen[p] = n
		return true
	}
	switch v.Kind() {
	case reflect.Pointer:
		if note(v.UnsafePointer(), 1) {
			reach(v.Elem(), seen)
		}
	case reflect.Slice:
		if v.Cap() > 0 && note(v.UnsafePointer(), 1) {
			for i := range v.Len() {
				reach(v.Index(i), seen)
			}
		}
	case reflect.Map:
		if !v.IsNil() && note(v.UnsafePointer(), 2) {
			for it := v.MapRange(); it.Next(); {
				reach(it.Key(), seen)
				reach(it.Value(), seen)
			}
		}
	case reflect.String:
		if s := v.String(); s != "" {
			note(unsafe.Pointer(unsafe.StringData(s)), 1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			reach(v.Field(i), seen)
		}
	case reflect.Interface:
		reach(v.Elem(), seen)
	}
}
