#!/usr/bin/env bash
# Prints the licences of every package in Cargo.lock that this machine has the source of, as they are in the source.
# Run `cargo fetch --locked` first. Their names are printed even without a text: many have only the name of a licence.
set -euo pipefail
cd "$(dirname "$0")/../.."

registry=${CARGO_HOME:-$HOME/.cargo}/registry/src
names() { sed -n 's/^name = "\(.*\)"/\1/p; s/^version = "\(.*\)"/\1/p' Cargo.lock | paste -d - - -; }

found=0
while read -r package; do
    source=$(find "$registry" -mindepth 2 -maxdepth 2 -type d -name "$package" 2>/dev/null | head -n 1)
    [ -n "$source" ] || continue
    found=$((found + 1))
    licence=$(sed -n 's/^license = "\(.*\)"/\1/p' "$source/Cargo.toml" | head -n 1)
    printf '\n==== %s: %s\n' "$package" "${licence:-see below}"
    # Of sources in other languages that a package brings along, such as Luau's, as well.
    find "$source" -maxdepth 3 -type f \( -iname 'license*' -o -iname 'licence*' -o -iname 'copying*' -o -iname 'notice*' \) \
        ! -name '*.rs' ! -name '*.html' -size -100k | LC_ALL=C sort | while read -r text; do
        printf '\n-- %s\n\n' "${text#"$source"/}"
        cat "$text"
    done
done < <(names)
if [ "$found" -eq 0 ]; then
    echo "no source of any package is in $registry: run \`cargo fetch --locked\` first" >&2
    exit 1
fi
