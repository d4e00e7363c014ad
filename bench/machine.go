package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// machine names what this runs on.
func machine() string {
	return fmt.Sprintf("%s, %d cores, %s, %s/%s.", cpu(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// cpu is the name of the processor, where the system says it.
func cpu() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// version is the version of a module that is linked in, empty if it is not.
func version(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == module {
			return m.Version
		}
	}
	return ""
}

// The lines between which a README holds what was printed.
const (
	sectionBegin = "<!-- bench: begin -->\n"
	sectionEnd   = "<!-- bench: end -->\n"
)

// rewrite puts the text between the marks of a file.
func rewrite(name string, text []byte) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(data, []byte(sectionBegin))
	_, after, closed := bytes.Cut(rest, []byte(sectionEnd))
	if !ok || !closed {
		return fmt.Errorf("%s has no lines %q and %q", name, sectionBegin, sectionEnd)
	}
	out := string(before) + sectionBegin + "\n" + strings.TrimSpace(string(text)) + "\n\n" + sectionEnd + string(after)
	return os.WriteFile(name, []byte(out), 0o644)
}
