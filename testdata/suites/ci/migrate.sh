#!/bin/sh
# migrate.sh DATABASE: stands for your tool of migrations.
set -eu
echo migrated >>migrated.log
for file in migrations/*.sql; do
    sqlite3 -bail "$1" <"$file"
done
