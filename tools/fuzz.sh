#!/usr/bin/env bash
# Runs every fuzz target (first argument: 20000x for so many runs each, or 5m)
# and proves that each one really ran: a target that fuzzed nothing fails.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-20000x}
count=0
for pkg in $(go list ./... ./audit/...); do
  for target in $(go test -list '^Fuzz' "$pkg" | grep '^Fuzz' || true); do
    count=$((count + 1))
    echo "-- $pkg $target"
    out=$(go test -run='^$' -fuzz="^$target\$" -fuzztime="$time" -fuzzminimizetime=20x "$pkg" 2>&1) || { echo "$out"; exit 1; }
    execs=$(grep -oE 'execs: [0-9]+' <<<"$out" | tail -n 1 | grep -oE '[0-9]+' || echo 0)
    if [ "$execs" -eq 0 ]; then
      echo "$out"
      echo "$target ran nothing"
      exit 1
    fi
    echo "   $execs executions"
  done
done
if [ "$count" -eq 0 ]; then
  echo "no fuzz target was found"
  exit 1
fi
