package vault

import "context"

// An ID stands for a value or a person in the keys: an HMAC under the master key.
type ID [32]byte

// A Key is the random key of one value.
type Key [32]byte

// A Want asks for the key of a value, in the name of an owner.
type Want struct {
	Value, Owner ID
	// Fresh becomes the key of a value that has none.
	Fresh Key
}

// Keys keep the key of every value and who owns it. [File] is one in a file of this
// machine; a shop with many servers keeps them in its database, in two tables: keys by
// value, and owners by value and owner.
//
// All methods may be called by any number of goroutines.
type Keys interface {
	// Take makes each owner one of the owners of the value and gives the keys of the
	// values, in the order of wants. It returns once that is durable: a token that
	// stands in a record and whose key is lost can never be made again.
	Take(ctx context.Context, wants []Want) ([]Key, error)
	// Find is the key of a value, false where it has none.
	Find(ctx context.Context, value ID) (Key, bool, error)
	// Erase takes the owner out of the owners of every value and destroys the keys of
	// values that nobody owns any more, all of it or nothing. It gives how many.
	Erase(ctx context.Context, owner ID) (int, error)
}
