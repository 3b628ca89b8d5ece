#!/usr/bin/env bash
# Installs what the tests need from the system, where it is missing and this is root on a Debian; otherwise says what to
# install. A test whose tool is missing is reported as skipped with the package's name; without redis-server and openssl
# the tests of the swarm over Redis fail.
set -u
wanted=() # command:package
for pair in gcc:gcc spin:spin rumur:rumur redis-server:redis-server openssl:openssl chromium:chromium; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || wanted+=("${pair##*:}")
done
# A real kernel's sources: `conform` is tested with them where the distribution has them.
[ -e /usr/src/linux-source-6.12.tar.xz ] || wanted+=(linux-source-6.12)
[ ${#wanted[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing ${wanted[*]}" >&2
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}"; } >/dev/null 2>&1 ||
    echo "could not install ${wanted[*]}; tests that need them are skipped or fail" >&2
else
  echo "missing: ${wanted[*]} (apt-get install ${wanted[*]}); tests that need them are skipped or fail" >&2
fi
exit 0
