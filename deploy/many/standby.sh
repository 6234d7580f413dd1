#!/bin/sh
# Copy the primary once, then follow it. `pg_ctl promote` makes this the primary.
set -eu
data=/var/lib/postgresql/data
chown -R postgres "$data"
printf 'primary:5432:*:forms:%s\n' "$(cat /run/secrets/database-password)" >"$PGPASSFILE"
chmod 600 "$PGPASSFILE"
chown postgres "$PGPASSFILE"
[ -s "$data/PG_VERSION" ] || gosu postgres pg_basebackup --pgdata="$data" --write-recovery-conf \
    --dbname="host=primary user=forms application_name=standby passfile=$PGPASSFILE"
exec gosu postgres postgres -D "$data" -c synchronous_standby_names=
