#!/usr/bin/env bash
# Makes the archive of a release for one platform, and its checksum: archive.sh BINARY LABEL OUT
# LABEL is as Rokit, Aftman and cargo-binstall look for it: linux-x86_64, linux-aarch64, macos-x86_64, macos-aarch64, windows-x86_64.
# BINARY writes its completions and manual pages itself, so this machine must be able to run it. They lie where Homebrew and others
# look: completions/dupeproof.bash, completions/_dupeproof, completions/dupeproof.fish, man/man1/*.1.
# With --check, also unpacks it into an empty folder and runs what is there.
set -euo pipefail

check=
if [ "${1-}" = --check ]; then check=yes; shift; fi
if [ $# -ne 3 ]; then
    echo 'usage: archive.sh [--check] BINARY LABEL OUT' >&2
    exit 2
fi
binary=$1 label=$2
mkdir -p "$3"
out=$(cd "$3" && pwd)
root=$(cd "$(dirname "$0")/../.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
archive=dupeproof-$version-$label.zip
program=dupeproof
case $label in windows-*) program=dupeproof.exe ;; esac

staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT

mkdir "$staging/archive"
cp "$binary" "$staging/archive/$program"
chmod u+w "$staging/archive/$program"
case $label in
    # Names of functions stay: an internal error of dupeproof says where it was.
    linux-*) strip --strip-debug "$staging/archive/$program" ;;
    macos-*) strip -S "$staging/archive/$program" ;;
esac
cp "$root"/LICENSE-* "$root/README.md" "$root/CHANGELOG.md" "$staging/archive/"
"$root/.github/release/licences.sh" > "$staging/archive/LICENSES-OF-OTHERS.txt"
(
    cd "$staging/archive"
    mkdir -p completions man/man1
    "./$program" completions bash > completions/dupeproof.bash
    "./$program" completions zsh > completions/_dupeproof
    "./$program" completions fish > completions/dupeproof.fish
    "./$program" completions powershell > completions/_dupeproof.ps1
    "./$program" man man/man1
)

# The same files give the same archive: no times of this machine, and one order.
(
    cd "$staging/archive"
    find . -type f -exec chmod 644 {} + && chmod 755 "$program"
    find . -exec env TZ=UTC touch -t 202001010000 {} +
    rm -f "$out/$archive"
    if command -v zip >/dev/null; then
        find . -type f | sed 's,^\./,,' | LC_ALL=C sort | TZ=UTC zip -q -X -D -@ "$out/$archive"
    else
        7z a -tzip -bso0 "$out/$archive" ./*
    fi
)
sum() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi; }
(cd "$out" && sum "$archive" > "$archive.sha256")
echo "$out/$archive"

if [ -n "$check" ]; then
    mkdir "$staging/unpacked"
    cd "$staging/unpacked"
    if command -v unzip >/dev/null; then unzip -q "$out/$archive"; else 7z x -bso0 "$out/$archive"; fi
    [ "$("./$program" --version)" = "dupeproof $version" ]
    [ -s completions/dupeproof.bash ] && [ -s man/man1/dupeproof-run.1 ]
    "./$program" list > list.txt
    # The save script of `init` runs in Luau, so that the virtual machines are tried, too.
    "./$program" init . > init.txt
    "./$program" run --scenario dupeproof_scenario.toml --adapter dupeproof_adapter.luau --world calm --cases 20 > run.txt
    head -n 1 run.txt
fi
