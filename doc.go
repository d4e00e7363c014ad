// Package refund decides what a shop's own policy says when a buyer asks for
// money back.
package refund
