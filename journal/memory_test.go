package journal_test

import (
	"testing"

	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/refundtest"
)

func TestMemoryIsAJournal(t *testing.T) {
	refundtest.Journal(t, func(*testing.T) journal.Journal { return new(journal.Memory) })
}
