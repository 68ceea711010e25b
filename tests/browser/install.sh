#!/usr/bin/env bash
# What the browser tests need of the system: a Chromium, and glyphs for Chinese. Installs them when it may (Debian's apt
# as root); says how otherwise. Python's part comes with requirements/dev.txt.
set -euo pipefail

wanted=()
command -v "${CHROMIUM:-chromium}" >/dev/null || wanted+=(chromium)
[ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ] || wanted+=(fontconfig fonts-noto-cjk)
[ "${#wanted[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing ${wanted[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2
  apt-get install -qq --yes --no-install-recommends "${wanted[@]}" >&2
else
  echo "The browser tests need: apt-get install chromium fonts-noto-cjk" >&2
  exit 1
fi
