#!/bin/sh
# Makes what docker-compose.yml reads from deploy/secrets/. What is there stays, so that it may be run at any time;
# a secret is changed by deleting its file (and telling the engine that keeps the old one).
#
# Only the folder is closed (0700), the files in it are 0444: Compose mounts them as they are, and each container
# reads them as a user of its own, whom the host does not know.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
chmod 0700 secrets
cd secrets

random() { # length
  LC_ALL=C tr -dc 'a-z0-9' < /dev/urandom | head -c "$1"
}

api_key() { # tl_<id>_<secret>_<CRC-32 of all before, which gzip happens to write>
  body="tl_$(random 8)_$(random 40)"
  sum=$(printf %s "$body" | gzip -c | tail -c 8 | od -An -N4 -tx1 | awk '{ print $4 $3 $2 $1 }')
  echo "${body}_${sum}"
}

write() { # name, text
  printf '%s\n' "$2" > "$1.partial"
  chmod 0444 "$1.partial"
  mv -f "$1.partial" "$1"
}

once() { # name, text
  [ -s "$1" ] || write "$1" "$2"
}

derived() { # name, text: follows what it is made from
  [ "$(cat "$1" 2> /dev/null)" = "$2" ] || write "$1" "$2"
}

password_in() { # file with an address user:password@host
  sed 's|.*://[^:]*:\([^@]*\)@.*|\1|' "$1"
}

for service in records calls automations analytics; do
  once "${service}_database_url" "postgresql+asyncpg://$service:$(random 40)@postgres:5432/$service"
  once "${service}_nats_url" "nats://$service:$(random 40)@nats:4222"
done
once postgres_password "$(random 40)"
once grafana_password "$(random 40)"
once analytics_clickhouse_url "clickhouse://analytics:$(random 40)@clickhouse:8123/analytics"
once records_admin_key "$(api_key)"
once records_automations_key "$(api_key)"
derived automations_records_key "$(cat records_automations_key)"

# A service publishes its own events only, and reads by JetStream's pull consumers.
derived nats_users "authorization {
  users = [$(for service in records calls automations analytics; do printf '
    {user: %s, password: "%s", permissions: {publish: ["%s.>", "$JS.API.>", "$JS.ACK.>"], subscribe: ["_INBOX.>"]}}' \
    "$service" "$(password_in "${service}_nats_url")" "$service"; done)
  ]
}"

derived clickhouse_users "<clickhouse><users>
  <default remove=\"remove\"/>
  <analytics>
    <password>$(password_in analytics_clickhouse_url)</password>
    <networks><ip>::/0</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
  </analytics>
</users></clickhouse>"

echo "The secrets are in $(pwd). The administrator's key is in records_admin_key."
