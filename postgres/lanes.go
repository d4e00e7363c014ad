package postgres

import (
	"context"
	"sync"
)

// lanes let one writer of this process at a time to an order. The database would hold
// the others back as well, but each with a connection in its hand, and a single order
// that many ask about would leave none for the rest.
type lanes struct {
	mu sync.Mutex
	of map[string]*lane
}

type lane struct {
	free chan struct{} // holds one token while nobody writes
	here int           // who writes or waits
}

// enter waits for the order's turn; the caller calls leave after it.
func (l *lanes) enter(ctx context.Context, order string) (leave func(), err error) {
	l.mu.Lock()
	if l.of == nil {
		l.of = map[string]*lane{}
	}
	in := l.of[order]
	if in == nil {
		in = &lane{free: make(chan struct{}, 1)}
		in.free <- struct{}{}
		l.of[order] = in
	}
	in.here++
	l.mu.Unlock()
	select {
	case <-in.free:
		return func() { in.free <- struct{}{}; l.done(order, in) }, nil
	case <-ctx.Done():
		l.done(order, in)
		return nil, ctx.Err()
	}
}

// done forgets a lane that nobody is in.
func (l *lanes) done(order string, in *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if in.here--; in.here == 0 {
		delete(l.of, order)
	}
}
