#!/bin/sh
# Once, when the primary is made: let the standby follow, from the network inside.
set -eu
echo "host replication forms 10.89.7.0/24 scram-sha-256" >>"$PGDATA/pg_hba.conf"
