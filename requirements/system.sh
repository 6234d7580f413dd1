#!/bin/sh
# System packages: sh requirements/system.sh runtime|test|deploy|audit
# Installs what is missing when run by root; otherwise says the exact command.
set -eu

# Pango draws the PDFs. A Chromium drives the tests, libatomic1 is for its driver,
# poppler-utils is a second reader of our PDFs. The tests run a PostgreSQL of their own.
runtime="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
tests="chromium-headless-shell libatomic1 poppler-utils postgresql redis-server"
# The slow tests of deploy/ run what it is made for.
deploy="nginx-light age openssl systemd"
# make audit runs Lighthouse.
audit="nodejs npm"

case "${1:-}" in
    runtime) wanted=$runtime ;;
    test) wanted="$runtime $tests" ;;
    deploy) wanted=$deploy ;;
    audit) wanted=$audit ;;
    *) echo "Say what for: sh requirements/system.sh runtime|test|deploy|audit" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "This is not a Debian system. Install the equivalents of: $wanted" >&2
    exit 0
fi

missing=""
for package in $wanted; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    echo "Installing system packages:$missing"
    # Level 1: an installed server is not started.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    # No database of the machine is made, and small machines have no manual to link to.
    case "$missing" in
        *postgresql*)
            mkdir -p /etc/postgresql-common /usr/share/man/man1 /usr/share/man/man7
            [ -e /etc/postgresql-common/createcluster.conf ] ||
                echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
            ;;
    esac
    apt-get update -q >/dev/null
    $install -q >/dev/null
else
    echo "Some system packages are missing. Run this once, then make again:" >&2
    echo "    sudo apt-get update && sudo $install" >&2
    exit 1
fi
