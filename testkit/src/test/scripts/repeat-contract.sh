#!/usr/bin/env bash
# Runs test classes many times in a row, each run in a JVM of its own with a broker of its own, and prints a line for each run:
#
#   testkit/src/test/scripts/repeat-contract.sh RUNS JDK MODULE CLASS...
#   testkit/src/test/scripts/repeat-contract.sh 50 /usr/lib/jvm/java-17-openjdk-amd64 kafka-adapter io.lastcall.kafka.KafkaContractTest
#
# JDK is the home of the one that runs the tests. The classes are those that `mvn test-compile` left; options for the JVM, such as
# -Dlastcall.contract.schedules=1000, go into LASTCALL_JAVA_OPTS. What a failed run printed is kept under MODULE/target/repeat.
# The status is 1 when a run failed. Not part of the build.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../../.." && pwd)
runs=$1 jdk=$2 module=$3
shift 3
cd "$root/$module"

junit=$(sed -n 's:.*<junit.version>\(.*\)</junit.version>.*:\1:p' ../pom.xml)
console=target/repeat/junit-platform-console-standalone-$junit.jar
mkdir -p target/repeat
if [[ ! -e $console ]]; then
  mvn -B -q dependency:copy -Dartifact="org.junit.platform:junit-platform-console-standalone:$junit" -DoutputDirectory=target/repeat >&2
fi
if [[ ! -e target/repeat/classpath ]]; then
  (cd .. && mvn -B -q test-compile dependency:build-classpath -pl "$module" -am -DincludeScope=test \
    -Dmdep.outputFile=target/repeat/classpath) >&2
fi
# The launcher comes with the console; a second one beside it would be in its way.
classpath=target/classes:target/test-classes:$(tr ':' '\n' <target/repeat/classpath | grep -v '/junit-platform-' | paste -sd:)

selected=()
for class in "$@"; do selected+=(--select-class "$class"); done

echo "commit $(git -C "$root" rev-parse --short HEAD)$(git -C "$root" diff --quiet HEAD || echo ' and changes'), JDK $("$jdk/bin/java" -XshowSettings:properties -version 2>&1 | sed -n 's/ *java.version = //p'), ${LASTCALL_JAVA_OPTS:-no options}: $*"
failed=0
for ((run = 1; run <= runs; run++)); do
  output=target/repeat/$(tr -c 'A-Za-z0-9\n' - <<<"$1-$(basename "$jdk")")-$run.log
  begun=$SECONDS status=0
  # shellcheck disable=SC2086 # options are words
  "$jdk/bin/java" ${LASTCALL_JAVA_OPTS:-} -ea -XX:+EnableDynamicAgentLoading -Dlogback.configurationFile="$root/config/logback-test.xml" \
    -jar "$console" execute --class-path "$classpath" "${selected[@]}" --details=summary --disable-banner \
    --config junit.jupiter.execution.timeout.default="5 m" >"$output" 2>&1 || status=$?
  tests() { sed -n "s/^\[ *\([0-9]*\) tests $1 *\]$/\1/p" "$output"; }
  echo "run $run: $(tests successful) of $(tests found) tests went well, $(tests skipped) skipped, $((SECONDS - begun)) s"
  if ((status != 0)) || [[ $(tests found) == 0 || $(tests successful) != "$(tests found)" ]]; then
    failed=1
    grep -aE '^ +(JUnit Jupiter|MethodSource|=>)' "$output" || tail -3 "$output"
    echo "  all of it: $module/$output"
  else
    rm "$output"
  fi
done
exit $failed
