#!/bin/sh
# Starts nginx: with TLS where a certificate was given, without where the file is empty.
set -eu
here=$(dirname "$0")
if [ -s /run/secrets/gateway_certificate ]; then
  cat > /tmp/listen.conf <<'TLS'
listen 8080 ssl;
ssl_certificate /run/secrets/gateway_certificate;
ssl_certificate_key /run/secrets/gateway_key;
ssl_protocols TLSv1.2 TLSv1.3;
ssl_session_cache shared:tls:2m;
error_page 497 =308 https://$http_host$request_uri;
add_header Strict-Transport-Security "max-age=31536000" always;
TLS
else
  echo 'listen 8080;' > /tmp/listen.conf
fi
exec nginx -e /dev/stderr -c "$here/nginx.conf" -g 'daemon off;'
