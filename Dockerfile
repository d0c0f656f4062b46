# One target per service: shared/ and that service only, on layers that all of them share.
#   docker compose build        builds all;   docker build --target registry .   builds one
# `jobs` has the one-shot jobs: SQL roles, topics and users, the local issuer's keys.

FROM python:3.11.14-slim-bookworm AS packages
COPY deploy/requirements.lock /requirements.lock
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /opt/venv \
    && /opt/venv/bin/pip install --disable-pip-version-check --no-deps --require-hashes \
       --only-binary :all: -r /requirements.lock \
    && /opt/venv/bin/pip uninstall -q -y pip setuptools

FROM python:3.11.14-slim-bookworm AS base
RUN groupadd --gid 10001 binaan \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /app --shell /usr/sbin/nologin binaan
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=packages /opt/venv /opt/venv
COPY services/__init__.py services/
COPY shared shared
RUN python -m compileall -q shared services
USER 10001:10001

FROM base AS jobs
COPY deploy/__init__.py deploy/roles.py deploy/
# the folders that volumes of ours are made from: a new volume takes over their owner
USER root
RUN install -d -o 10001 -g 10001 -m 0700 /issuer && install -d -o 10001 -g 10001 -m 0755 /jwks
USER 10001:10001

FROM base AS registry
COPY services/registry services/registry
ENTRYPOINT ["python", "-m", "services.registry"]
CMD ["api"]

FROM base AS training
COPY services/training services/training
ENTRYPOINT ["python", "-m", "services.training"]
CMD ["api"]

FROM base AS marketing
COPY services/marketing services/marketing
ENTRYPOINT ["python", "-m", "services.marketing"]
CMD ["api"]
