#!/usr/bin/env bash
# Gets the modules that the tests of `upstream.rs` are about from npm (versions and SHA-512 sums in `upstream/packages`),
# lays them out as npm does, and runs those tests, with Lapis' own among them (the other packages bring none along).
# Nothing of them is in this repository.
set -euo pipefail
cd "$(dirname "$0")"

modules=$(pwd)/../../../target/upstream/node_modules
while read -r name version sum; do
    folder=$modules/$name
    [ -e "$folder/.$version" ] && continue
    rm -rf "$folder"
    mkdir -p "$folder"
    archive=$folder/$(cd "$folder" && npm pack --silent "$name@$version")
    echo "$sum  $archive" | sha512sum --check --quiet
    tar --extract --gzip --strip-components 1 --directory "$folder" --file "$archive"
    rm "$archive"
    touch "$folder/.$version"
done < upstream/packages

# Of the whole workspace, as other tests are: of one package, everything would be built again with other features.
cargo test --locked --workspace --test it upstream:: -- --ignored --nocapture "$@"
