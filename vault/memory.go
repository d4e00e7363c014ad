package vault

import (
	"context"
	"sync"
)

// A Memory is Keys that are gone when the process ends, for tests: nothing that was
// made with them can be made again. The zero Memory is empty and ready.
type Memory struct {
	mu    sync.Mutex
	table *table
}

func (m *Memory) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return &Error{Err: ErrStorage, Message: "it was given up", Cause: err}
	}
	m.mu.Lock()
	if m.table == nil {
		m.table = newTable()
	}
	return nil
}

// Take is Keys.Take.
func (m *Memory) Take(ctx context.Context, wants []Want) ([]Key, error) {
	if err := m.lock(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	for _, c := range m.table.changes(wants) {
		m.table.apply(c)
	}
	return m.table.take(wants), nil
}

// Find is Keys.Find.
func (m *Memory) Find(ctx context.Context, value ID) (Key, bool, error) {
	if err := m.lock(ctx); err != nil {
		return Key{}, false, err
	}
	defer m.mu.Unlock()
	key, ok := m.table.find(value)
	return key, ok, nil
}

// Erase is Keys.Erase.
func (m *Memory) Erase(ctx context.Context, owner ID) (int, error) {
	if err := m.lock(ctx); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	left, n := m.table.without(owner)
	m.table = left
	return n, nil
}
