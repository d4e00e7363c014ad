package journal_test

import (
	"testing"

	"github.com/fairback/refund/journal"
	"github.com/fairback/refund/refundtest"
)

func TestADirKeepsEveryPromise(t *testing.T) {
	for name, o := range map[string]journal.Options{"one segment": {}, "a segment for each batch": {SegmentBytes: 1}, "small segments": {SegmentBytes: 20_000}} {
		t.Run(name, func(t *testing.T) {
			refundtest.Journal(t, func(t *testing.T) journal.Journal { return openDir(t, t.TempDir(), o) })
		})
	}
}
