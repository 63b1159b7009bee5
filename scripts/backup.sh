#!/usr/bin/env bash
# Backs up what keys stores: npm run backup -- <file>
# Reads DATABASE_URL and DATABASE_PASSWORD, or the files named by DATABASE_URL_FILE and DATABASE_PASSWORD_FILE, like keys.
# Needs pg_dump of the server's version or newer. It may run while keys serves: a backup is a snapshot of the database.
set -euo pipefail

file=${1:?name the file to write: npm run backup -- keys.dump}
if [[ -n ${DATABASE_URL_FILE:-} ]]; then DATABASE_URL=$(<"$DATABASE_URL_FILE"); fi
: "${DATABASE_URL:?set DATABASE_URL as for keys}"
if [[ -n ${DATABASE_PASSWORD_FILE:-} ]]; then DATABASE_PASSWORD=$(<"$DATABASE_PASSWORD_FILE"); fi
# In the environment, since everyone on the machine can see a command line.
if [[ -n ${DATABASE_PASSWORD:-} ]]; then export PGPASSWORD=$DATABASE_PASSWORD; fi

umask 077
pg_dump --format=custom --file="$file.unfinished" "$DATABASE_URL"
mv -- "$file.unfinished" "$file"

cat <<END
Written: $file

Keep beside it, as you keep passwords, what no backup of a database has:
  KEY_TAG_SECRET    without it, no key that was ever made is accepted
  DASHBOARD_SECRET  without it, everybody signs in again
The other secrets may be new ones after a restore, the same at all who share them.
END
