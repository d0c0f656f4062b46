#!/bin/sh
# Starts the broker in a container: fills in the settings, formats an empty data folder, runs Kafka.
# Needs `java` on the path and the jars in /opt/kafka/libs, and no script of any image.
# Passwords are files in /run/secrets; everything written here lies in /tmp, which is memory.
set -eu
umask 077
here=$(dirname "$0")
data=${KAFKA_DATA:-/var/lib/kafka/data}
secret() { cat "/run/secrets/$1"; }
fill() {
  sed -e "s|\${host}|0.0.0.0|g" -e "s|\${port}|${KAFKA_PORT:-9092}|g" \
    -e "s|\${controller_port}|9093|g" -e "s|\${data}|$data|g" \
    -e "s|\${advertised}|${KAFKA_ADVERTISED:-kafka:9092}|g" \
    -e "s|\${broker}|$(secret kafka_broker)|g" -e "s|\${controller}|$(secret kafka_controller)|g" \
    -e "s|\${external}|${KAFKA_EXTERNAL_ADDRESS:-}|g" -e "s|\${keystore}|/tmp/external.pem|g" "$1"
}

fill "$here/server.properties" > /tmp/server.properties
if [ -n "${KAFKA_EXTERNAL_ADDRESS:-}" ]; then
  fill "$here/external.properties" >> /tmp/server.properties
  { secret kafka_external_key; echo; secret kafka_external_certificate; } > /tmp/external.pem
fi

CLASSPATH="/opt/kafka/libs/*"; export CLASSPATH
set -- -Dlog4j2.configurationFile="$here/log4j2.properties"
if [ ! -e "$data/meta.properties" ]; then
  cat > /tmp/format <<ARGUMENTS
format
--ignore-formatted
--cluster-id
$(secret kafka_cluster)
--config
/tmp/server.properties
--add-scram
SCRAM-SHA-512=[name=admin,password=$(secret kafka_admin)]
--add-scram
SCRAM-SHA-512=[name=broker,password=$(secret kafka_broker)]
ARGUMENTS
  # its output holds the logins' stored keys: shown only as far as it tells of an error
  java "$@" kafka.tools.StorageTool @/tmp/format > /tmp/formatted 2>&1 || {
    grep -iE "error|exception" /tmp/formatted >&2
    exit 1
  }
  rm /tmp/format /tmp/formatted
fi
# shellcheck disable=SC2086 - several options in one variable
exec java ${KAFKA_JVM:--Xms256m -Xmx512m} "$@" kafka.Kafka /tmp/server.properties
