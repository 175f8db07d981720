#!/usr/bin/env bash
# Installs the packages that pack.mjs made for this platform into an empty folder, without a network, and runs them: try.sh PACKAGES
set -euo pipefail
packages=$(cd "$1" && pwd)
platform=$(node -p 'process.platform + "-" + process.arch')
version=$(basename "$packages"/dupeproof-[0-9]*.tgz .tgz)
version=${version#dupeproof-}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >/dev/null
npm install --offline --no-audit --no-fund --omit=optional "$packages/dupeproof-$platform-$version.tgz" "$packages/dupeproof-$version.tgz"
[ "$(npx --offline dupeproof --version)" = "dupeproof $version" ]
status=0
npx --offline dupeproof run --subject naive --cases 20 --causes 1 > run.txt 2>/dev/null || status=$?
[ "$status" -eq 1 ]
head -n 1 run.txt
[ -s node_modules/dupeproof/man/man1/dupeproof-run.1 ]

# A program that is not the released one is not run.
echo >> "node_modules/dupeproof-$platform/dupeproof"
status=0
npx --offline dupeproof --version 2> error.txt || status=$?
[ "$status" -eq 2 ]
grep -q 'is not the program of dupeproof' error.txt
# Nor is one that is missing.
rm -r "node_modules/dupeproof-$platform"
status=0
npx --offline dupeproof --version 2> error.txt || status=$?
[ "$status" -eq 2 ]
grep -q 'is not installed' error.txt
echo "the package of $platform works"
