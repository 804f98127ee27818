#!/bin/sh
# Runs before the files are removed. At a removal the argument is "remove" from dpkg and
# 0 from rpm. At an upgrade this does nothing. A removal keeps the state, the user and
# changes to the configuration.
set -e
case $1 in
remove | 0)
  if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
    systemctl disable --now otelcol-cms.service
  fi
  ;;
esac
