#!/bin/sh
# Runs after dpkg or rpm has unpacked the files. It does not start the service, which
# would acknowledge records before its target is configured. It restarts a running
# service with the new binary.
set -e
systemd-sysusers --root="${DPKG_ROOT:-/}" otelcol-cms.conf
if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart otelcol-cms.service
fi
