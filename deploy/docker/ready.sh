#!/bin/bash
# The health check of our containers: ready.sh <port> succeeds if the service on that port is ready.
# In bash, since starting node takes ten times as long, in every container, every few seconds.
set -e
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]
