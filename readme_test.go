package refund_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fences are the code blocks of the README in one language.
func fences(t *testing.T, language string) []string {
	data, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(data), -1) {
		out = append(out, m[1])
	}
	require.NotEmpty(t, out)
	return out
}

// example is the code and the output of an Example of example_test.go.
func example(t *testing.T, name string) (code, output string) {
	data, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(data), "func "+name+"() {\n")
	require.True(t, ok)
	body, _, _ := strings.Cut(rest, "\n}\n")
	code, output, _ = strings.Cut(body, "\t// Output:\n")
	code = strings.TrimPrefix(strings.ReplaceAll("\n"+code, "\n\t", "\n"), "\n")
	output = strings.ReplaceAll("\n"+output, "\n\t// ", "\n")
	return code, strings.TrimPrefix(strings.ReplaceAll(output, "\n\t//", "\n"), "\n") + "\n"
}

// What the README shows is what runs.
func TestReadmeShowsWhatRuns(t *testing.T) {
	policy, err := os.ReadFile("testdata/policies/lamp-shop.yaml")
	require.NoError(t, err)
	shown := fences(t, "yaml")[0]
	assert.Equal(t, string(policy), shown)
	assert.LessOrEqual(t, strings.Count(shown, "\n"), 12)

	code, output := example(t, "Example")
	assert.Equal(t, code, fences(t, "go")[0])
	assert.LessOrEqual(t, strings.Count(code, "\n"), 15)
	_, broken := example(t, "ExampleParsePolicy_broken")
	assert.Equal(t, []string{output, broken}, fences(t, "text"))
	assert.Contains(t, strings.Join(fences(t, "sh"), ""), "go run ./examples/quickstart")
}
