#!/usr/bin/env bash
# Runs `dupeproof test` if there is a file of tests, else, or with arguments, `dupeproof run`. Writes the exit code, the verdict
# and the path of the findings as SARIF for the steps that follow. Annotations, and the summary on the page of the workflow run,
# are written by dupeproof itself wherever GITHUB_ACTIONS and GITHUB_STEP_SUMMARY are set.
# DUPEPROOF_TESTS: the file of tests; DUPEPROOF_ARGS: arguments of `dupeproof run`; DUPEPROOF_OUT: where the report goes;
# DUPEPROOF_SARIF: where the findings go.
set -uo pipefail

rm -f "$DUPEPROOF_SARIF"
if [ -z "${DUPEPROOF_ARGS-}" ] && [ -f "$DUPEPROOF_TESTS" ]; then
    dupeproof test "$DUPEPROOF_TESTS" --out "$DUPEPROOF_OUT" --sarif "$DUPEPROOF_SARIF"
else
    # shellcheck disable=SC2086 # several arguments
    dupeproof run ${DUPEPROOF_ARGS:---project .} --out "$DUPEPROOF_OUT" --sarif "$DUPEPROOF_SARIF"
fi
code=$?
case $code in
    0) verdict=safe ;;
    1) verdict=unsafe ;;
    2) verdict=broken ;;
    *) verdict=unknown ;;
esac
sarif=
if [ -f "$DUPEPROOF_SARIF" ]; then sarif=$DUPEPROOF_SARIF; fi
printf 'exit-code=%s\nverdict=%s\nsarif=%s\n' "$code" "$verdict" "$sarif" >> "$GITHUB_OUTPUT"
