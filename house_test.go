package refund_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The limits that keep the house readable.
const (
	maxFileLines     = 450
	maxFunctionLines = 70
	maxTypes         = 50
	maxFunctions     = 25
)

func TestFilesAndFunctionsStayShort(t *testing.T) {
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		require.NoError(t, err)
		if strings.HasSuffix(path, "_test.go") || ast.IsGenerated(f) {
			return nil
		}
		lines := fset.Position(f.End()).Line
		assert.LessOrEqual(t, lines, maxFileLines, path)
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1
				assert.LessOrEqual(t, n, maxFunctionLines, "%s: %s", path, fn.Name.Name)
			}
		}
		return nil
	})
	require.NoError(t, err)
}

// rootDoc is the documentation of the root package.
func rootDoc(t *testing.T) *doc.Package {
	fset := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, "github.com/fairback/refund")
	require.NoError(t, err)
	return p
}

func TestTheIndexIsSmallAndDocumented(t *testing.T) {
	p := rootDoc(t)
	functions := len(p.Funcs)
	assert.Greater(t, len(p.Doc), 2000, "doc.go is the manual")
	for _, f := range p.Funcs {
		assert.NotEmpty(t, f.Doc, f.Name)
	}
	for _, typ := range p.Types {
		functions += len(typ.Funcs)
		assert.NotEmpty(t, typ.Doc, typ.Name)
		for _, f := range typ.Funcs {
			assert.NotEmpty(t, f.Doc, f.Name)
		}
		for _, m := range typ.Methods {
			assert.NotEmpty(t, m.Doc, "%s.%s", typ.Name, m.Name)
		}
	}
	assert.LessOrEqual(t, len(p.Types), maxTypes)
	assert.LessOrEqual(t, functions, maxFunctions)
}

func TestOnlyExprImportsCEL(t *testing.T) {
	fset := token.NewFileSet()
	seen := false
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if path == "bench" {
			return filepath.SkipDir // a module of its own, which measures cel-go as a peer
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, imp := range f.Imports {
			if strings.Contains(imp.Path.Value, "cel-go") {
				seen = true
				assert.Equal(t, filepath.Join("internal", "expr"), filepath.Dir(path), path)
			}
		}
		return nil
	})
	require.NoError(t, err)
	assert.True(t, seen)
}

func TestRootModuleStaysLight(t *testing.T) {
	data, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	allowed := []string{"cel.dev/cel-go", "github.com/shopspring/decimal", "github.com/stretchr/testify", "go.yaml.in/yaml/v3", "pgregory.net/rapid"}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		path, version, ok := strings.Cut(line, " ")
		if !ok || !strings.HasPrefix(version, "v") || strings.Contains(line, "// indirect") {
			continue
		}
		assert.Contains(t, allowed, path)
	}
}
