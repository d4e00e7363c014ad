// Package refundtest holds tests for what is built on package refund, to be called
// from `go test`: Journal is the conformance suite of a journal.
package refundtest

import (
	"testing"

	"github.com/fairback/refund/journal"
)

// Journal runs every promise of journal.Journal against one implementation. open
// gives an empty journal at each call; the suite closes it, and what lies under it
// (a directory, a schema) is for open to clean up, by t.Cleanup. With -short the
// concurrent tests are smaller.
func Journal(t *testing.T, open func(t *testing.T) journal.Journal) {
	for _, promise := range []struct {
		name string
		test func(*bench)
	}{
		{"RecordsAreChained", chained},
		{"TheBytesAreTheRecordWithItsPlace", exactBytes},
		{"AnEmptyOrderHasAnEmptyBook", emptyOrder},
		{"OrdersAreApart", ordersApart},
		{"LargeRecordsAreKeptWhole", largeRecords},
		{"NothingReturnedIsShared", nothingShared},
		{"AllIsInOneOrder", allInOrder},
		{"ACursorGoesOnWhereItStopped", cursorGoesOn},
		{"IterationStopsWhereTheCallerStops", stopsEarly},
		{"LinkedFindsATokenOfAnyKind", linkedFinds},
		{"PendingIsWhatIsOpen", pendingIsOpen},
		{"WhatMayNotBeWrittenIsRefused", refusals},
		{"ARefusalWritesNothing", refusalWritesNothing},
		{"InvalidRecordsAreRefused", invalidRecords},
		{"ARepeatGivesTheFirstEntry", repeats},
		{"AReleasedReservationIsMadeAgain", releasedAgain},
		{"APendingClaimIsRevised", revisePending},
		{"ASettledClaimIsToppedUp", reviseSettled},
		{"ExternalRefundsCount", externalCounts},
		{"TheOrderMayNameRefundsByThePaymentsIds", namedByPayments},
		{"ACancelledContextIsAnError", cancelled},
		{"AClosedJournalIsOfNoUse", closed},
		{"WritersOfOneOrderAreChained", concurrentChain},
		{"ReadersMissNothingThatWritersAdd", concurrentReaders},
		{"OneOrderIsNeverPaidTwice", oneOrder},
		{"ManyOrdersAreNeverPaidTwice", manyOrders},
	} {
		t.Run(promise.name, func(t *testing.T) {
			j := open(t)
			b := &bench{T: t, Journal: j}
			t.Cleanup(func() {
				if !b.closed && j.Close() != nil {
					t.Error("the journal does not close")
				}
			})
			promise.test(b)
		})
	}
}
