#!/bin/sh
# Makes docker/secrets: once, each secret random, and never over secrets that are there.
set -eu
cd "$(dirname "$0")"
if [ -e secrets ]; then
  echo "docker/secrets is there already; nothing was changed" >&2
  exit 1
fi
umask 077
mkdir secrets
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
owner=$(random)
app=$(random)
redis=$(random)
random > secrets/postgres_password
printf %s "$owner" > secrets/owner_password
printf %s "$app" > secrets/app_password
printf 'postgres://loopwell_owner:%s@postgres:5432/loopwell' "$owner" > secrets/owner_database_url
printf 'postgres://loopwell_app:%s@postgres:5432/loopwell' "$app" > secrets/app_database_url
printf 'requirepass %s\n' "$redis" > secrets/redis_auth
printf 'redis://:%s@redis:6379' "$redis" > secrets/queue_url
od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > secrets/secret_key
# Compose mounts these files as they are, and the services run as users of their own: the folder keeps others out.
chmod 644 secrets/*
echo "docker/secrets is made. Keep secret_key safe: without it no stored credential can be read." >&2
