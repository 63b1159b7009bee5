#!/usr/bin/env bash
# Restores a backup of scripts/backup.sh into an empty database: npm run restore -- <file>
# Reads DATABASE_URL and DATABASE_PASSWORD, or the files named by DATABASE_URL_FILE and DATABASE_PASSWORD_FILE, like keys.
# Stop every keys service first, and start them 11 seconds later or after this, whichever is later: docs/operations.md,
# "Backup and restore".
set -euo pipefail

file=${1:?name the file to restore: npm run restore -- keys.dump}
if [[ -n ${DATABASE_URL_FILE:-} ]]; then DATABASE_URL=$(<"$DATABASE_URL_FILE"); fi
: "${DATABASE_URL:?set DATABASE_URL as for keys}"
if [[ -n ${DATABASE_PASSWORD_FILE:-} ]]; then DATABASE_PASSWORD=$(<"$DATABASE_PASSWORD_FILE"); fi
if [[ -n ${DATABASE_PASSWORD:-} ]]; then export PGPASSWORD=$DATABASE_PASSWORD; fi

found=$(psql --no-psqlrc --tuples-only --no-align --command "SELECT to_regclass('api_keys')" "$DATABASE_URL")
if [[ -n $found ]]; then
  echo 'This database already contains keys. Nothing was changed: restore into an empty one.' >&2
  exit 1
fi
pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname="$DATABASE_URL" "$file"

echo 'Restored. Revoke again what was revoked since this backup was taken:'
psql --no-psqlrc --tuples-only --no-align --command \
  "SELECT 'the last event in it is of ' || max(at) FROM audit_events" "$DATABASE_URL"
