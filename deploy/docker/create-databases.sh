#!/bin/sh
# A database for keys and one for the dashboard, with their roles: no role may connect to the other's database, and none is
# a superuser. The database of keys belongs to keys_owner, who migrates it; keys serves from it, and owns nothing.
# The postgres container runs this when its volume is new. Running it again is harmless: it resets the passwords, and gives
# keys_owner what keys still owns from before there was an owner.
set -eu

query() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres "$@"
}

create_role() {
  # psql reads the password from its file, so that it is in no list of processes.
  query --set "name=$1" --set "file=/run/secrets/$2" --dbname postgres <<'SQL'
\set password `cat :'file'`
SET log_min_error_statement = panic; -- otherwise a failed statement is logged, with the password in it
SELECT format('CREATE ROLE %I LOGIN', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" PASSWORD :'password';
SQL
}

create_database() {
  query --set "name=$1" --set "owner=$2" --dbname postgres <<'SQL'
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
ALTER DATABASE :"name" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

create_role keys_owner database-owner-password
create_role keys database-password
create_role dashboard dashboard-database-password

create_database keys keys_owner
create_database dashboard dashboard
query --dbname keys --command 'REASSIGN OWNED BY keys TO keys_owner; GRANT CONNECT ON DATABASE keys TO keys'
