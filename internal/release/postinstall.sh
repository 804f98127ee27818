#!/bin/sh
# Runs after dpkg or rpm has unpacked the files. The service is not started here: it
# would take over records before anybody said where they go. One that runs is
# restarted with the new binary.
set -e
systemd-sysusers --root="${DPKG_ROOT:-/}" otelcol-cms.conf
if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart otelcol-cms.service
fi
