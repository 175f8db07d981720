#!/usr/bin/env bash
# Runs `dupeproof run` with the arguments in DUPEPROOF_ARGS, and writes its exit code and verdict for the steps that follow.
# DUPEPROOF_OUT: where the report goes.
set -uo pipefail

# shellcheck disable=SC2086 # several arguments
dupeproof run ${DUPEPROOF_ARGS-} --out "$DUPEPROOF_OUT"
code=$?
case $code in
    0) verdict=safe ;;
    1) verdict=unsafe ;;
    2) verdict=broken ;;
    *) verdict=unknown ;;
esac
printf 'exit-code=%s\nverdict=%s\n' "$code" "$verdict" >> "$GITHUB_OUTPUT"
