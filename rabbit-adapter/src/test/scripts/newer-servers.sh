#!/usr/bin/env bash
# Runs the RabbitMQ adapter's tests that depend on the server's version on several versions of it, one after another:
#
#   rabbit-adapter/src/test/scripts/newer-servers.sh [SERVER...]
#
# A SERVER is "system" (what bin/prepare-brokers finds) or a Debian suite, of which a small system is made in a folder, once; the
# tests start its rabbitmq-server there by chroot. Without arguments: system, trixie (4.0), forky (4.3). Suites need root and Debian's
# mirror. Prints what was run and what came of it; the status is that of the worst run. Not part of the build.
#
#   LASTCALL_SERVERS   where the folders are; /var/tmp/lastcall-servers unless set
#   LASTCALL_CLASSES   which test classes, with commas
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../../.." && pwd)
folders=${LASTCALL_SERVERS:-/var/tmp/lastcall-servers}
classes=${LASTCALL_CLASSES:-RabbitContractTest,RabbitQuorumContractTest,AcceptanceTest,RedeliveryAcceptanceTest,CountingRulesTest,ConsumerTimeoutTest,ChannelRulesTest,RabbitSourceTest,RabbitQueueTest,RabbitDeadLettersTest,RabbitRepliesTest}
mirror=http://deb.debian.org/debian
scripts=/usr/share/debootstrap/scripts
mounted=()

unmount() {
  local at
  for at in ${mounted[@]+"${mounted[@]}"}; do umount "$at"; done
  mounted=()
}
trap unmount EXIT

# A folder that debootstrap did not finish has no mark, and is made anew.
make_system() {
  local suite=$1 folder=$2 script
  if [[ -e $folder/made ]]; then return; fi
  if ! command -v debootstrap >/dev/null; then
    apt-get update -q >&2
    apt-get install -q -y --no-install-recommends debootstrap >&2
  fi
  script=$scripts/$suite
  if [[ ! -e $script ]]; then script=$scripts/sid; fi # a suite that is younger than this debootstrap
  rm -rf "$folder"
  mkdir -p "$folders"
  debootstrap --variant=minbase --include=rabbitmq-server "$suite" "$folder" "$mirror" "$script" >&2
  touch "$folder/made"
}

mount_system() {
  local folder=$1
  # Without it RabbitMQ 4.3 looks for its own name for a minute, and fails.
  grep -qs '^127\.0\.0\.1[[:space:]]*localhost' "$folder/etc/hosts" || echo '127.0.0.1 localhost' >>"$folder/etc/hosts"
  mount -t proc proc "$folder/proc"
  mounted+=("$folder/proc")
  mount --bind /dev "$folder/dev"
  mounted+=("$folder/dev")
}

# Maven compiles what is newer than its class, and nothing after the first run.
run_tests() {
  local server=$1 reports=$root/rabbit-adapter/target/surefire-reports status=0
  rm -f "$reports"/*-"$server"*
  (cd "$root" && mvn -B -q test -pl rabbit-adapter -am -Dtest="$classes" -Dsurefire.failIfNoSpecifiedTests=false \
    -Dmaven.compiler.useIncrementalCompilation=false -Djacoco.skip -Dsurefire.reportNameSuffix="$server") >&2 || status=$?
  echo "== $server: RabbitMQ $(cat "$reports"/*-"$server"-output.txt | sed -n 's/.* connected server=\([^ ]*\) .*/\1/p' |
    sort | uniq | paste -sd ' ')"
  sed -n 's/^Tests run:/  &/p' "$reports"/*-"$server".txt
  return $status
}

if [[ -z ${JAVA_HOME:-} ]]; then
  JAVA_HOME=$("$root/bin/jdks" | sed -n 1p | cut -f 2)
  export JAVA_HOME
fi
worst=0
for server in "${@:-system trixie forky}"; do
  for one in $server; do
    if [[ $one == system ]]; then
      LASTCALL_RABBITMQ_FROM=$("$root/bin/prepare-brokers") run_tests "$one" || worst=$?
    else
      make_system "$one" "$folders/$one"
      mount_system "$folders/$one"
      LASTCALL_RABBITMQ_ROOT=$folders/$one run_tests "$one" || worst=$?
      unmount
    fi
  done
done
exit "$worst"
