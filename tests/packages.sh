#!/usr/bin/env bash
# What tests need of the system: `packages.sh redis`, `packages.sh browser`. Installs what is missing when it may (Debian's
# apt as root); says how otherwise. Python's part comes with requirements/dev.txt.
set -euo pipefail

wanted=()
for part in "$@"; do
  case $part in
    redis)
      command -v redis-server >/dev/null || wanted+=(redis-server) ;;
    browser)
      command -v "${CHROMIUM:-chromium}" >/dev/null || wanted+=(chromium)
      [ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ] || wanted+=(fontconfig fonts-noto-cjk) ;;
    *)
      echo "packages.sh knows redis and browser, not '$part'." >&2; exit 2 ;;
  esac
done
[ "${#wanted[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing ${wanted[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2
  apt-get install -qq --yes --no-install-recommends "${wanted[@]}" >&2
else
  echo "The tests need: apt-get install ${wanted[*]}" >&2
  exit 1
fi
