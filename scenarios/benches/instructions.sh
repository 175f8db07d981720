#!/usr/bin/env bash
# Counts the instructions of a few fixed searches, which do not depend on how busy the machine is, and compares them with those
# that are recorded beside this file: more than 5 % more fails. `instructions.sh BINARY` compares, and with --record writes what
# it has counted. The binary is that of a release build (`cargo build --release`).
set -euo pipefail

binary=$1
recorded=$(cd "$(dirname "$0")" && pwd)/instructions.txt
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

count() {
    local name=$1
    shift
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$out/log" \
        "$binary" "$@" --jobs 1 --out "$out/$name" > "$out/said" 2>&1 || [ $? -le 3 ]
    sed -n 's/.*Collected : \([0-9]*\)$/\1/p' "$out/log"
}

searches() {
    cat <<'SEARCHES'
core_swarm run --subject core --suite swarm --cases 80 --causes 1
core_market run --subject core --suite market --cases 30 --causes 1
embed_swarm run --subject embed --suite swarm --cases 30 --causes 1
naive_swarm run --subject naive --suite swarm --cases 20 --causes 1
luau_stay prove stay --adapter naive
SEARCHES
}

status=0
while read -r name arguments; do
    # shellcheck disable=SC2086 # The arguments are words.
    counted=$(count "$name" $arguments)
    if [ "${2:-}" = --record ]; then
        echo "$name $counted"
        continue
    fi
    before=$(sed -n "s/^$name //p" "$recorded")
    percent=$(((counted - before) * 1000 / before))
    printf '%-16s %14d %14d %+5d.%d %%\n' "$name" "$before" "$counted" $((percent / 10)) $((percent < 0 ? -percent % 10 : percent % 10))
    if [ "$percent" -gt 50 ]; then
        echo "$name takes over 5 % more instructions than recorded: find out why, or record it with --record" >&2
        status=1
    fi
done < <(searches) > "$out/table"
if [ "${2:-}" = --record ]; then
    cp "$out/table" "$recorded"
fi
cat "$out/table"
exit "$status"
