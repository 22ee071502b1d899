#!/bin/sh
# The job of a CI: restores the database, or migrates where nothing is saved for this key yet; runs each file of tests on a copy of its own,
# two at a time.
set -eu
system=$(uname -sm | tr ' ' -)
tool=$(dbfixture --version | head -n 1 | tr ' ' -)
files=$(cat migrations/* fixtures/* | sha256sum | cut -c 1-16)
store=$CACHE/$system-$tool-$files

if ! dbfixture restore -q -d app.db --store "$store"; then
    ./migrate.sh app.db
    dbfixture loaddata -q -d app.db products
    dbfixture snapshot -q -d app.db --store "$store"
fi
printf '%s\0' tests/*.bats | xargs -0 -n 1 -P 2 dbfixture run -q -d app.db --temp -- bats
