#!/usr/bin/env bash
# Runs the tests of the virtual machine, the only module with `unsafe`, under valgrind: every block of a machine is one of
# the system's then, and garbage is collected at nearly every step. Needs valgrind (`apt install valgrind`).
set -euo pipefail
cd "$(dirname "$0")/.."

build=(cargo test --locked --package dupeproof-luau --lib --features system-memory --no-run --message-format json)
binary=$("${build[@]}" | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
# Hitting a limit takes long, and shows nothing that the others do not.
RUST_BACKTRACE=0 valgrind --error-exitcode=3 --leak-check=full --show-leak-kinds=definite \
    --errors-for-leak-kinds=definite --quiet \
    "$binary" raw:: --test-threads 1 --skip limits:: "$@"
