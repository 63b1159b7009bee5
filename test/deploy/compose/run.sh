#!/usr/bin/env bash
# npm run test:compose: brings docker-compose.yml up as a user would, with several gateways and keys services and the
# example behind them, goes through steps.sh, and takes everything down again, also after a failure. With `-- --record`
# it writes what came of it into docs/operations.md.
#
# Beside a running copy it does no harm: it has its own project name, image tag, ports and subnet. Where no Docker
# engine answers, it starts one (engine.sh); where images cannot be pulled, it makes stand-ins (base-images.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

project=api-keys-test-$$
tag=compose-test
image=le-bureau-api-keys:$tag
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
files=(-f docker-compose.yml)
step='starting'
engine_is_ours=
stand_ins=
observability=(-f deploy/observability/compose.yml)
record=${1:-}

step() { step=$1; printf '%4d s  %s\n' "$SECONDS" "$1"; }
fail() { echo "        $*" >&2; exit 1; }
expect() { [ "$2" = "$3" ] || fail "$1: expected $2, got $3."; }

compose() {
  API_KEYS_TAG=$tag REVISION=$commit GATEWAY_PORT=$port DASHBOARD_PORT=$dashboard_port EDGE_SUBNET=10.203.65.0/24 \
    PROMETHEUS_PORT=$prometheus_port PUBLIC_GATEWAY_URL=$gateway "${compose_command[@]}" \
    --env-file examples/desktops/docker.env "${files[@]}" --project-name "$project" "$@" <"${input:-/dev/null}"
}
# How many gateways and keys services there are from now on.
scale() { quietly compose up --detach "${@:3}" --scale gateway="$1" --scale keys="$2"; }
quietly() { "$@" >"$work/output" 2>&1 || { tail -n 40 "$work/output" >&2; return 1; }; }
finish() {
  local code=$?
  if [ "$code" != 0 ]; then
    echo "FAILED: $step" >&2
    [ -z "${loader:-}" ] || kill "$loader" 2>/dev/null || true
    compose ps >&2 || true
    compose logs --no-color --tail 20 >&2 || true
  fi
  printf '%4d s  taking everything down\n' "$SECONDS"
  quietly compose down --volumes --timeout 10 || code=1
  rm -rf "$work"
  [ -z "$engine_is_ours" ] || test/deploy/compose/engine.sh stop || code=1
  [ "$code" != 0 ] || echo "passed in $SECONDS s."
  exit "$code"
}

if docker compose version >/dev/null 2>&1; then
  compose_command=(docker compose)
elif command -v docker-compose >/dev/null; then
  compose_command=(docker-compose)
else
  fail 'Docker Compose is not installed (Debian: apt-get install docker-compose).'
fi
free_port() {
  node -e "const s = net.createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })"
}
port=$(free_port)
dashboard_port=$(free_port)
prometheus_port=$(free_port)
gateway=http://127.0.0.1:$port
dashboard=http://localhost:$dashboard_port
prometheus=http://127.0.0.1:$prometheus_port
commit=$(git rev-parse --short HEAD)
[ -z "$(git status --porcelain -- . ':!docs')" ] || commit+=' with changes'

if ! docker info >/dev/null 2>&1; then
  step 'no Docker engine answers: starting one'
  test/deploy/compose/engine.sh start
  engine_is_ours=yes
fi
trap finish EXIT

for base in node:22-bookworm-slim postgres:18 redis:8-alpine haproxy:3.2-alpine prom/prometheus:v3.5.0; do
  if ! docker image inspect "$base" >/dev/null 2>&1 && ! quietly docker pull "$base" 2>/dev/null; then
    step "$base cannot be pulled here: making stand-ins"
    test/deploy/compose/base-images.sh
  fi
  if [ -n "$(docker image inspect --format '{{index .Config.Labels "stand-in"}}' "$base")" ]; then
    echo "        $base is a local stand-in, not the official image."
    stand_ins+="${stand_ins:+, }$base"
  fi
done

# Nothing stands in for Grafana, which no package of Debian or npm has.
if ! docker image inspect grafana/grafana:12.1.0 >/dev/null 2>&1 && ! quietly docker pull grafana/grafana:12.1.0 2>/dev/null; then
  echo '        grafana/grafana:12.1.0 cannot be pulled here: Prometheus is tried without it.'
  observability+=(-f test/deploy/compose/without-grafana.yml)
fi

# The image's own npm is asked, with a container's network.
if ! docker run --rm node:22-bookworm-slim npm ping --fetch-timeout=5000 --fetch-retries=0 >/dev/null 2>&1; then
  echo "        containers do not reach the npm registry here: building on the host's network."
  files+=(-f test/deploy/compose/build-on-host-network.yml)
fi

step 'up --build, with 3 gateways and 2 keys services'
scale 3 2 --build

# shellcheck source=test/deploy/compose/steps.sh
source test/deploy/compose/steps.sh

if [ "$record" = --record ]; then
  node test/deploy/compose/record.js <<END
$(date -u +%F), commit $commit, in $SECONDS s on $(nproc) processors: engine $(docker version --format '{{.Server.Version}}'), Compose $("${compose_command[@]}" version --short)${stand_ins:+, with local stand-ins for the official images $stand_ins}.
Gateways from 3 to 5 to 2 and keys services from 2 to 3 to 1 meanwhile: $load
Prometheus scraped every one of them and the balancer, before and after, and evaluated all alerts${observability[2]:+; without Grafana, whose image cannot be pulled there}.
What was backed up came back after everything had been removed: keys, people, sessions, secrets.
$stopping
The image of our services has $image_size.
END
fi
