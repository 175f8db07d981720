#!/usr/bin/env bash
# Gets the program of a release, if it is not there yet, and sees that it is the one whose checksum is beside it.
# DUPEPROOF_RELEASES: where the releases are; DUPEPROOF_VERSION; DUPEPROOF_DIR: where the program goes.
set -euo pipefail

case ${RUNNER_OS:-$(uname -s)}-${RUNNER_ARCH:-$(uname -m)} in
    Linux-X64 | Linux-x86_64) label=linux-x86_64 ;;
    Linux-ARM64 | Linux-aarch64) label=linux-aarch64 ;;
    macOS-X64 | Darwin-x86_64) label=macos-x86_64 ;;
    macOS-ARM64 | Darwin-arm64) label=macos-aarch64 ;;
    Windows-X64) label=windows-x86_64 ;;
    *) echo "::error::there is no dupeproof for ${RUNNER_OS-} ${RUNNER_ARCH-}" && exit 2 ;;
esac
program=dupeproof
case $label in windows-*) program=dupeproof.exe ;; esac

if [ ! -x "$DUPEPROOF_DIR/$program" ]; then
    archive=dupeproof-$DUPEPROOF_VERSION-$label.zip
    download=$(mktemp -d)
    trap 'rm -rf "$download"' EXIT
    for file in "$archive" "$archive.sha256"; do
        curl --fail --silent --show-error --location --retry 3 --output "$download/$file" \
            "$DUPEPROOF_RELEASES/v$DUPEPROOF_VERSION/$file" ||
            { echo "::error::$file could not be had from $DUPEPROOF_RELEASES/v$DUPEPROOF_VERSION" && exit 2; }
    done
    (
        cd "$download"
        if command -v sha256sum >/dev/null; then sha256sum --check --quiet "$archive.sha256"; else shasum -a 256 -c "$archive.sha256"; fi
    ) || { echo "::error::$archive is not what its checksum says" && exit 2; }
    mkdir -p "$DUPEPROOF_DIR"
    unzip -q -o "$download/$archive" -d "$DUPEPROOF_DIR"
fi
if [ -n "${GITHUB_PATH-}" ]; then echo "$DUPEPROOF_DIR" >> "$GITHUB_PATH"; fi
"$DUPEPROOF_DIR/$program" --version
