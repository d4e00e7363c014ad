package refund_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// bannedImports reach out of the process, or differ from run to run. A name
// that ends in a slash stands for everything below it.
var bannedImports = []string{
	"os", "os/", "net", "net/", "math/rand", "math/rand/", "crypto/rand", "syscall", "syscall/", "unsafe", "plugin",
	"log", "log/", "runtime/", "io/ioutil", "path/filepath", "testing", "database/", "expvar",
}

// bannedCalls are functions of allowed packages that read a clock, wait, or use
// the zone or the files of the machine.
var bannedCalls = []string{
	"time.Now", "time.Since", "time.Until", "time.After", "time.AfterFunc", "time.Sleep", "time.Tick", "time.NewTimer",
	"time.NewTicker", "time.LoadLocation", "time.Local",
	"maps.Keys", "maps.Values", "maps.All", "reflect.Value.MapKeys", "reflect.Value.MapRange",
	"hash/maphash.MakeSeed", "runtime.GC",
}

// orderDoesNotMatter are the functions that may walk a map, and why.
var orderDoesNotMatter = map[string]string{
	"sortedKeys":           "the keys are collected, then sorted",
	"hasher.entries":       "the keys are collected, then sorted",
	"encoder.mapping":      "the keys are collected, then sorted",
	"encoder.texts":        "the keys are collected, then sorted",
	"loader.calendarNames": "the names are collected, then sorted",
	"NewEnv":               "the names are collected, then sorted",
	"currencies":           "a map is filled from a map, each key once",
	"sortedSold":           "the keys are collected, then sorted",
}

// floatsAreRefused are the functions that may name a float type, and why.
var floatsAreRefused = map[string]string{
	"resolver.literal": "what cel-go read as a float is read again from its text",
}

// impurities lists what makes results differ from run to run, as
// "file:line: what".
func impurities(fset *token.FileSet, files []*ast.File, info *types.Info) []string {
	var found []string
	for _, f := range files {
		say := func(n ast.Node, format string, args ...any) {
			found = append(found, fset.Position(n.Pos()).String()+": "+fmt.Sprintf(format, args...))
		}
		for _, imp := range f.Imports {
			path := strings.Trim(imp.Path.Value, `"`)
			if slices.ContainsFunc(bannedImports, func(b string) bool { return path == b || strings.HasSuffix(b, "/") && strings.HasPrefix(path, b) }) {
				say(imp, "imports %s", path)
			}
		}
		for _, decl := range f.Decls {
			_, allowed := orderDoesNotMatter[declName(decl)]
			_, floats := floatsAreRefused[declName(decl)]
			ast.Inspect(decl, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.RangeStmt:
					if t := info.TypeOf(n.X); t != nil && isMap(t) && !allowed {
						say(n, "ranges over a map in %s", declName(decl))
					}
				case *ast.Ident:
					obj := info.Uses[n]
					if name := fullName(obj); slices.Contains(bannedCalls, name) && !allowed {
						say(n, "uses %s", name)
					}
				}
				if x, ok := n.(ast.Expr); ok {
					if tv, known := info.Types[x]; known && !floats && isFloat(tv.Type) {
						say(n, "is a float: %s", types.ExprString(x))
					}
				}
				return true
			})
		}
	}
	return found
}

func isMap(t types.Type) bool {
	if p, ok := t.(*types.TypeParam); ok {
		i := p.Constraint().Underlying().(*types.Interface)
		for n := range i.NumEmbeddeds() {
			if u, ok := i.EmbeddedType(n).(*types.Union); ok && u.Len() > 0 && isMap(u.Term(0).Type()) {
				return true
			}
		}
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

func isFloat(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsFloat|types.IsComplex) != 0
}

// fullName is "package.Name" or "package.Type.Method".
func fullName(obj types.Object) string {
	if obj == nil || obj.Pkg() == nil {
		return ""
	}
	if f, ok := obj.(*types.Func); ok {
		if recv := f.Signature().Recv(); recv != nil {
			t := recv.Type()
			if p, ok := t.(*types.Pointer); ok {
				t = p.Elem()
			}
			if n, ok := t.(*types.Named); ok {
				return obj.Pkg().Path() + "." + n.Obj().Name() + "." + obj.Name()
			}
			return ""
		}
	}
	if obj.Parent() != obj.Pkg().Scope() {
		return ""
	}
	return obj.Pkg().Path() + "." + obj.Name()
}

// declName is "function" or "type.method".
func declName(d ast.Decl) string {
	f, ok := d.(*ast.FuncDecl)
	if !ok {
		return ""
	}
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	return types.ExprString(t) + "." + f.Name.Name
}

func newInfo() *types.Info {
	return &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
}

// A listed package is what `go list` says about one.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// listPackages asks the go command for the packages and everything that they
// import, compiled.
func listPackages(t *testing.T, patterns ...string) map[string]listed {
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles"}, patterns...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	packages := map[string]listed{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		}
		require.NoError(t, err)
		packages[p.ImportPath] = p
	}
}

func TestPurity(t *testing.T) {
	packages := listPackages(t, ".", "./aftersale", "./report", "./internal/...", "time", "maps", "math/rand", "os", "net/http")
	fset := token.NewFileSet()
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(packages[path].Export) }
	imports := importer.ForCompiler(fset, "gc", lookup)
	checked := 0
	for path, p := range packages {
		if path != "github.com/fairback/refund" && path != "github.com/fairback/refund/aftersale" && path != "github.com/fairback/refund/report" && !strings.HasPrefix(path, "github.com/fairback/refund/internal/") {
			continue
		}
		var files []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
			require.NoError(t, err)
			files = append(files, f)
		}
		info := newInfo()
		_, err := (&types.Config{Importer: imports}).Check(path, fset, files, info)
		require.NoError(t, err)
		for _, what := range impurities(fset, files, info) {
			t.Error(what)
		}
		checked++
	}
	require.GreaterOrEqual(t, checked, 4, "the packages that were looked at")
	selfTestPurity(t, fset, imports)
}

// selfTestPurity proves that the test finds what it looks for.
func selfTestPurity(t *testing.T, fset *token.FileSet, imports types.Importer) {
	const bad = `package bad
import (
	"maps"
	"math/rand"
	"net/http"
	"os"
	"time"
)
type table map[string]int
type shop struct{ prices table }
func (s *shop) sum() (n int) {
	for _, p := range s.prices { n += p } // 12
	for k := range maps.Keys(s.prices) { n += len(k) } // 13
	return n
}
func sortedKeys(m map[string]int) { for range m { } } // allowed
func now() time.Time { return time.Now() } // 17
func wait() { time.Sleep(time.Second); <-time.After(1) } // 18
func price(x float64) int { return int(x * 2) } // 19
const half = 0.5 // 20
var clock = time.Now // 21
func age(t time.Time) bool { return time.Since(t).Hours() > 1 } // 22
func last(m map[string]bool) string { return func() string { for k := range m { return k }; return "" }() } // 23
var _ = rand.Int() + os.Getpid() + http.StatusOK
func first[M ~map[string]int](m M) { for range m { } } // 25
`
	f, err := parser.ParseFile(fset, "bad.go", bad, 0)
	require.NoError(t, err)
	info := newInfo()
	_, err = (&types.Config{Importer: imports}).Check("bad", fset, []*ast.File{f}, info)
	require.NoError(t, err)
	found := strings.Join(impurities(fset, []*ast.File{f}, info), "\n")
	for _, want := range []string{
		"bad.go:4:2: imports math/rand", "bad.go:5:2: imports net/http", "bad.go:6:2: imports os",
		"bad.go:12:2: ranges over a map in shop.sum", "bad.go:13:22: uses maps.Keys", "bad.go:17:36: uses time.Now",
		"bad.go:18:20: uses time.Sleep", "uses time.After", "bad.go:19:14: is a float", "bad.go:20:14: is a float", "bad.go:21:18: uses time.Now",
		"uses time.Since", "bad.go:23:62: ranges over a map in last", "bad.go:25:38: ranges over a map in first",
	} {
		require.Contains(t, found, want)
	}
	require.NotContains(t, found, "bad.go:16")
}
