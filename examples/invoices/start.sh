#!/usr/bin/env bash
# Starts the three services of this example beside npm start. Ctrl-C stops them.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH=$PATH:/usr/sbin # where Debian has nginx

fail() {
  echo "$1" >&2
  exit 1
}
secrets=${DATA_DIR:-data}/secrets
[[ -f $secrets/verify-token ]] || fail "There are no secrets in $secrets: run npm start first, as the README says."
for program in nginx python3; do
  [[ $(command -v "$program") ]] || fail "This example needs $program: install it."
done
nest=${NEST_PORT:-3021} express=${EXPRESS_PORT:-3022} nginx=${NGINX_PORT:-3023} python=${PYTHON_PORT:-3024}

folder=$(mktemp -d)
chmod 711 "$folder" # nginx's workers run as another user than root
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
trap 'exit 0' INT TERM

# A service that verifies keys needs the address of keys, and two secrets, which npm start has generated.
with_keys() {
  KEYS_VERIFY_URL=tcp://127.0.0.1:${KEYS_VERIFY_PORT:-3002} \
    KEYS_VERIFY_TOKEN=$(<"$secrets/verify-token") KEY_TAG_SECRET=$(<"$secrets/tag-secret") exec "$@"
}
PORT=$nest with_keys node dist/examples/invoices/nest/main.js &
PORT=$express with_keys node dist/examples/invoices/express/main.js &

# Behind nginx, a service needs neither.
PORT=$python python3 examples/invoices/python/service.py &
sed -e "s/:3023/:$nginx/" -e "s/:3024/:$python/" -e "s/:9464/:${GATEWAY_INTERNAL_PORT:-9464}/" \
  examples/invoices/python/nginx.conf >"$folder/nginx.conf"
nginx -e stderr -p "$folder" -c "$folder/nginx.conf" &
echo "nginx: http://127.0.0.1:$nginx/invoices, and behind it:"

# If one ends, such as for a port that is taken, so do the others.
while (($(jobs -r | wc -l) == 4)); do sleep 1; done
fail 'A service has ended, so the others are stopped.'
