//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package journal

import (
	"errors"
	"fmt"
	"io"
	"runtime"
)

// lock refuses: two processes that write one journal would break its chains.
func lock(string) (io.Closer, error) {
	return nil, fmt.Errorf("a journal cannot be locked on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
