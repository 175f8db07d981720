#!/bin/sh
# Runs the shards of one search, several at a time, and merges them. Run again, it runs only those that are missing.
#   SEARCH='--project .' CASES=1000000 SHARDS=16 sh hosts.sh
# runs them on this machine, and with HOSTS, GNU parallel runs them on others:
#   HOSTS=anna,bert,user@carl sh hosts.sh
# Each host has dupeproof, and the game in a folder of the same path. Another search needs another folder OUT.
set -eu
: "${SEARCH:=--project .}" "${CASES:=1000000}" "${SHARDS:=16}" "${OUT:=shards}" "${REPORT:=report}" "${AT_ONCE:=1}" "${HOSTS:=}"

missing() {
    number=1
    while [ "$number" -le "$SHARDS" ]; do
        [ -e "$OUT/$number/shard.json" ] || echo "$number"
        number=$((number + 1))
    done
}

run="dupeproof run $SEARCH --cases $CASES --shard {}/$SHARDS --out $OUT/{} --resume"
if [ -n "$HOSTS" ]; then
    # One at a time on each host, where it uses all cores. What a host loses is run on another one.
    missing | parallel --sshlogin "$HOSTS" --jobs 1 --retries 3 --workdir "$PWD" --return "$OUT/{}/shard.json" "$run" || true
else
    missing | xargs -P "$AT_ONCE" -I {} sh -c "$run || echo 'shard {} failed' >&2"
fi
exec dupeproof merge "$OUT" --out "$REPORT"
