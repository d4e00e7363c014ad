//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package vault

import (
	"errors"
	"os"
)

func lockFile(string) (*os.File, error) {
	return nil, errors.New("this system has no lock that ends with its process; bring Keys of your own")
}
