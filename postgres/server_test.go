//go:build unix

package postgres_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/fairback/refund/postgres"
)

// The tests share one server, which they start themselves from the programs on this
// machine, and each takes a schema of its own.
var (
	server    string // where its socket is
	noServer  error
	schemas   atomic.Int64
	benchmark = "FAIRBACK_POSTGRES_FSYNC" // set for a server that waits for its disk
)

func TestMain(m *testing.M) {
	stop, err := startServer()
	noServer = err
	code := m.Run()
	if stop != nil {
		stop()
	}
	os.Exit(code)
}

// startServer starts PostgreSQL on a socket in a directory of its own.
func startServer() (stop func(), err error) {
	bin, err := findServer()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "fb")
	if err != nil {
		return nil, err
	}
	as, err := serverUser(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
	initdb.SysProcAttr, initdb.Dir = as, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	fsync := "off"
	if os.Getenv(benchmark) != "" {
		fsync = "on"
	}
	// The shell stops the server where the tests end without doing so: its input ends
	// with them.
	cmd := exec.Command("sh", append([]string{"-c", `"$0" "$@" & server=$!; read _; kill -INT $server; wait $server`,
		filepath.Join(bin, "postgres"), "-D", data, "-k", dir}, settings(fsync)...)...)
	cmd.SysProcAttr, cmd.Dir = as, dir
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = input.Close()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	}
	if err := ready(log); err != nil {
		stop()
		return nil, err
	}
	server = dir
	return stop, nil
}

func settings(fsync string) []string {
	var args []string
	for _, s := range []string{"listen_addresses=", "fsync=" + fsync, "max_connections=200", "shared_buffers=64MB", "autovacuum=off", "lc_messages=C"} {
		args = append(args, "-c", s)
	}
	return args
}

// ready waits for the server to say that it is, and reads on.
func ready(log io.Reader) error {
	said := ""
	for lines := bufio.NewScanner(log); lines.Scan(); {
		said += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "is ready to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return nil
		}
	}
	return fmt.Errorf("the server has stopped: %s", said)
}

// findServer is the directory of the newest server programs.
func findServer() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), "postgres")); err == nil {
				return filepath.Dir(path), nil
			}
		}
	}
	best, version := "", 0
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	for _, path := range found {
		if n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))); err == nil && n > version {
			best, version = filepath.Dir(path), n
		}
	}
	if best == "" && err == nil {
		err = fmt.Errorf("there is no initdb on the PATH or in /usr/lib/postgresql/*/bin")
	}
	return best, err
}

// serverUser gives the directory to a user that PostgreSQL runs as, since it refuses
// to run as root.
func serverUser(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}

// needServer skips without one, unless FAIRBACK_POSTGRES=require.
func needServer(t testing.TB) {
	t.Helper()
	if noServer == nil {
		return
	}
	if os.Getenv("FAIRBACK_POSTGRES") == "require" {
		t.Fatal(noServer)
	}
	t.Skipf("no PostgreSQL: %v", noServer)
}

// connect is a pool of n connections as a role, closed at the end of the test.
func connect(t testing.TB, role string, n int, change ...func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	needServer(t)
	c, err := pgxpool.ParseConfig(fmt.Sprintf("host=%s user=%s dbname=postgres pool_max_conns=%d", server, role, n))
	require.NoError(t, err)
	for _, f := range change {
		f(c)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), c)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// fresh is a schema that no other test has.
func fresh(t testing.TB) postgres.Config {
	needServer(t)
	return postgres.Config{Schema: fmt.Sprintf("shop_%d", schemas.Add(1))}
}

// open is an empty journal of its own.
func open(t testing.TB, pool *pgxpool.Pool, c postgres.Config) *postgres.Journal {
	t.Helper()
	require.NoError(t, postgres.Migrate(context.Background(), pool, c))
	j, err := postgres.Open(context.Background(), pool, c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.Close() })
	return j
}
