#!/bin/bash
# Run by the image once, on an empty volume: a database and its owner for each service, who may enter no other.
# The password is read out of the service's own secret, so that there is one place it can be wrong in.
set -euo pipefail

for service in records calls automations analytics; do
  url=$(<"/run/secrets/${service}_database_url")
  password=${url#*://*:}
  password=${password%%@*}
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set name="$service" --set password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
