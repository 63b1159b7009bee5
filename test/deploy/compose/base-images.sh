#!/usr/bin/env bash
# Makes local stand-ins for the public base images that our compose file names,
# for machines that cannot reach an image registry. An image that is already
# there (pulled, or made by an earlier run) is left as it is.
#
#   node:22-bookworm-slim    Node 22 and npm from the npm registry
#   postgres:18              Debian's PostgreSQL 18, with its client programs
#   redis:8-alpine           Debian's Redis 8
#   haproxy:3.2-alpine       Debian's HAProxy 3.2, and busybox for wget
#   prom/prometheus:v3.5.0   Debian's Prometheus 3.5, and busybox for wget
#
# Each on Debian 14, the first that has all of these, and not on Debian 12, Alpine
# or busybox. They do what we use of the official images, no more, and carry the
# label "stand-in" so that nobody takes one for the real thing.
#
# Needs: root, a running engine, debootstrap, node and npm, and a way to a
# Debian mirror and an npm registry. How this machine reaches those two is read
# when the script runs: DEBIAN_MIRROR, http_proxy/https_proxy/no_proxy, npm's
# own configuration (registry, cafile) and NODE_EXTRA_CA_CERTS.
set -euo pipefail

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
debian=forky # Debian 14
base=local/debian-$debian

die() { echo "base-images: $*" >&2; exit 1; }
say() { echo "base-images: $*"; }
have() { docker image inspect "$1" >/dev/null 2>&1; }

for tool in docker debootstrap node npm; do
  command -v "$tool" >/dev/null || die "$tool is not installed."
done
docker info >/dev/null 2>&1 || die "no Docker engine answers."
[ "$(id -u)" = 0 ] || die "debootstrap needs root."
case $(dpkg --print-architecture) in
  amd64) arch=x64 ;;
  arm64) arch=arm64 ;;
  *) die "there are no binaries for $(dpkg --print-architecture)." ;;
esac

work=$(mktemp -d)
# --one-file-system: should debootstrap die with /proc or /dev still mounted
# below $work, the host's own must not go with it.
trap 'rm -rf --one-file-system "$work"' EXIT

# fetch SPEC DIR: unpack a package of the npm registry. None of its scripts run.
fetch() {
  local tarball
  tarball=$(cd "$work" && npm pack --silent "$1") || die "the npm registry did not give $1."
  mkdir -p "$2"
  tar -xzf "$work/$tarball" -C "$2" --strip-components=1 --no-same-owner
  rm "$work/$tarball"
}

# build IMAGE CONTEXT: on the host's network, as a container has none of its own
# to the outside here. DOCKER_BUILDKIT=0: the old builder is the one that comes
# with every engine. A --build-arg without a value is taken from the environment
# and stays out of the image.
build() {
  DOCKER_BUILDKIT=0 docker build --quiet --network=host --label "stand-in=$1" \
    --build-arg http_proxy --build-arg https_proxy --build-arg no_proxy \
    --tag "$1" "$2" >/dev/null 2>"$work/build.log" || { cat "$work/build.log" >&2; die "$1 could not be built."; }
  say "made $1 in $((SECONDS - began)) s."
}

# "sid" is the recipe that fits all of them, also those that are newer than debootstrap.
make_base() {
  have "$base" && return
  local root=$work/root began=$SECONDS
  debootstrap --variant=minbase "$debian" "$root" "$mirror" sid >"$work/debootstrap.log" 2>&1 ||
    { tail -n 5 "$work/debootstrap.log" >&2; die "debootstrap failed."; }
  rm -rf "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* \
    "$root"/usr/share/{doc,man,locale}/* "$root"/etc/{hostname,resolv.conf}
  tar -C "$root" --one-file-system -c . | docker import - "$base" >/dev/null
  rm -rf --one-file-system "$root"
  say "made $base in $((SECONDS - began)) s."
}

# In a line of a Dockerfile, before and after the names of packages. A release that is still being made is signed for a
# week, and a mirror may be late.
install="export DEBIAN_FRONTEND=noninteractive && apt-get -o Acquire::Check-Valid-Until=false update \
 && apt-get install -y --no-install-recommends"
installed="rm -rf /var/lib/apt/lists/*"

make_node() {
  local c=$work/node began=$SECONDS value list=/etc/ssl/certs/ca-certificates.crt
  fetch "node-linux-$arch@22" "$c/runtime"
  fetch npm@10 "$c/npm"   # the major that the official image has
  # How npm in a container reaches the registry: the host's registry address and
  # the certificates it trusts, as the image's global npm configuration. Nothing
  # else of the host's configuration goes in, its tokens least of all.
  mkdir "$c/etc"
  : >"$c/etc/npmrc"
  value=$(npm config get registry --loglevel=error)
  case $value in
    *@*) die "npm's registry address holds a password, which must not go into an image." ;;
    *) echo "registry=$value" >>"$c/etc/npmrc" ;;
  esac
  value=$(npm config get cafile --loglevel=error)
  [ -f "$value" ] || value=${NODE_EXTRA_CA_CERTS:-}
  if [ -f "$value" ]; then
    cat "$value" >"$c/etc/ca.crt"
    # A cafile takes the place of npm's built-in list, NODE_EXTRA_CA_CERTS adds to it: the system's list goes in as well.
    [ "$value" -ef "$list" ] || [ ! -f "$list" ] || cat "$list" >>"$c/etc/ca.crt"
    echo "cafile=/usr/local/etc/ca.crt" >>"$c/etc/npmrc"
  fi
  cat >"$c/docker-entrypoint.sh" <<'END'
#!/bin/sh
set -e
# "docker run image --flag", "docker run image script.js": those are for node.
if [ "${1#-}" != "$1" ] || [ -z "$(command -v "$1")" ] || { [ -f "$1" ] && ! [ -x "$1" ]; }; then
  set -- node "$@"
fi
exec "$@"
END
  cat >"$c/Dockerfile" <<END
FROM $base
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
COPY runtime/bin/node /usr/local/bin/
COPY npm /usr/local/lib/node_modules/npm/
COPY etc /usr/local/etc/
COPY docker-entrypoint.sh /usr/local/bin/
RUN cd /usr/local/bin && chmod 755 node docker-entrypoint.sh && ln -s node nodejs \\
 && ln -s ../lib/node_modules/npm/bin/npm-cli.js npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js npx \\
 && npm --version
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]
END
  build node:22-bookworm-slim "$c"
}

make_postgres() {
  local c=$work/postgres began=$SECONDS
  mkdir -p "$c"
  cat >"$c/docker-entrypoint.sh" <<'END'
#!/usr/bin/env bash
set -Eeuo pipefail
[ "${1:0:1}" != - ] || set -- postgres "$@"
[ "$1" = postgres ] || exec "$@"

if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
  [ -z "${POSTGRES_PASSWORD:-}" ] || { echo "POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are both set" >&2; exit 1; }
  POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE")
  export POSTGRES_PASSWORD
  unset POSTGRES_PASSWORD_FILE
fi
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  [ -n "${POSTGRES_PASSWORD:-}" ] || { echo "POSTGRES_PASSWORD must be set on the first start" >&2; exit 1; }
  user=${POSTGRES_USER:-postgres} db=${POSTGRES_DB:-${POSTGRES_USER:-postgres}}
  mkdir -p "$PGDATA"
  initdb -D "$PGDATA" --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
    --set listen_addresses='*' --set unix_socket_directories=/var/run/postgresql
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  # Not on the network until it is complete.
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  sql() { psql -v ON_ERROR_STOP=1 --no-psqlrc -U "$user" "$@"; }
  [ "$db" = postgres ] || echo 'CREATE DATABASE :"db";' | sql -d postgres -v db="$db"
  for f in /docker-entrypoint-initdb.d/*; do
    case $f in
      *.sh) # shellcheck disable=SC1090
        . "$f" ;;
      *.sql) sql -d "$db" -f "$f" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
fi
unset POSTGRES_PASSWORD
exec "$@"
END
  cat >"$c/Dockerfile" <<END
FROM $base
RUN groupadd --system --gid 999 postgres \\
 && useradd --system --uid 999 --gid postgres --home-dir /var/lib/postgresql --shell /bin/bash postgres \\
 && mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \\
 && $install locales postgresql-18 && $installed \\
 && localedef -i en_US -f UTF-8 en_US.UTF-8
COPY docker-entrypoint.sh /usr/local/bin/
# Before /usr/bin, whose psql is a slow Perl wrapper.
ENV LANG=en_US.utf8 PG_MAJOR=18 PGDATA=/var/lib/postgresql/18/docker \\
    PATH=/usr/lib/postgresql/18/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
RUN chmod 755 /usr/local/bin/docker-entrypoint.sh \\
 && mkdir -p /docker-entrypoint-initdb.d /var/run/postgresql /var/lib/postgresql \\
 && chown -R postgres:postgres /var/run/postgresql /var/lib/postgresql && chmod 3777 /var/run/postgresql \\
 && postgres --version && pg_dump --version
VOLUME /var/lib/postgresql
STOPSIGNAL SIGINT
EXPOSE 5432
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
END
  build postgres:18 "$c"
}

make_redis() {
  local c=$work/redis began=$SECONDS
  mkdir -p "$c"
  cat >"$c/docker-entrypoint.sh" <<'END'
#!/bin/sh
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then set -- redis-server "$@"; fi
[ "$1" = redis-server ] || exec "$@"
if [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
fi
# The official image is built with protected mode off, or no other container
# could connect. A configuration file must stay the first argument.
shift
conf=
case ${1:-} in
  -v | --version | -h | --help) exec redis-server "$1" ;;
  '' | -*) ;;
  *) conf=$1; shift ;;
esac
umask 0077
exec redis-server ${conf:+"$conf"} --protected-mode no "$@"
END
  cat >"$c/Dockerfile" <<END
FROM $base
RUN groupadd --system --gid 1000 redis && useradd --system --uid 999 --gid redis --home-dir /data redis \\
 && $install redis-server && $installed && mkdir -p /data && chown redis:redis /data
COPY docker-entrypoint.sh /usr/local/bin/
RUN chmod 755 /usr/local/bin/docker-entrypoint.sh && redis-server --version
VOLUME /data
WORKDIR /data
EXPOSE 6379
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["redis-server"]
END
  build redis:8-alpine "$c"
}

make_haproxy() {
  local c=$work/haproxy began=$SECONDS
  mkdir -p "$c"
  cat >"$c/Dockerfile" <<END
FROM $base
RUN $install haproxy busybox && $installed && ln -s busybox /usr/bin/wget && haproxy -v
STOPSIGNAL SIGUSR1
USER haproxy
WORKDIR /var/lib/haproxy
CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
END
  build haproxy:3.2-alpine "$c"
}

make_prometheus() {
  local c=$work/prometheus began=$SECONDS
  mkdir -p "$c"
  cat >"$c/Dockerfile" <<END
FROM $base
RUN $install prometheus busybox && $installed && ln -s busybox /usr/bin/wget \\
 && mkdir -p /prometheus && chown nobody:nogroup /prometheus && prometheus --version
USER nobody
VOLUME /prometheus
WORKDIR /prometheus
EXPOSE 9090
ENTRYPOINT ["/usr/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
END
  build prom/prometheus:v3.5.0 "$c"
}

for image in node:22-bookworm-slim postgres:18 redis:8-alpine haproxy:3.2-alpine prom/prometheus:v3.5.0; do
  if have "$image"; then
    say "$image is there already."
  else
    make_base
    name=${image##*/}
    "make_${name%%:*}"
  fi
done
