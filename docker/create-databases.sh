#!/bin/sh
# A role and a database for keys, and for the dashboard: neither may connect to the other's, and neither is a superuser.
# The postgres container runs this when its volume is new. Running it again does no harm, and sets the passwords anew.
set -eu

create() {
  # The password goes from its file into psql, and is in no list of processes.
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set "name=$1" --set "file=/run/secrets/$2" \
    --username postgres --dbname postgres <<'SQL'
\set password `cat :'file'`
SET log_min_error_statement = panic; -- or a statement that fails is logged, with the password in it
SELECT format('CREATE ROLE %I LOGIN', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

create keys database-password
create dashboard dashboard-database-password
