#!/bin/sh
# Runs before the files are removed: dpkg says remove, rpm says 0. At an upgrade the
# service goes on. Configuration, state and user stay.
set -e
case $1 in
remove | 0)
  if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
    systemctl disable --now otelcol-cms.service
  fi
  ;;
esac
