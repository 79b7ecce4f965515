# One recipe for every service, from the root of the repository:
#   docker build -f deploy/service.Dockerfile --build-arg SERVICE=records -t trunkline/records .
#
# The service's tree stands in the image as in the repository, because it finds its migrations beside `src`, and is
# imported from there: nothing of ours is built, so no build backend is fetched. Third parties' packages are those of
# the lock, by version and by hash; one that is not in the lock, or not the same file, stops the build.

FROM python:3.11-slim AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/venv
WORKDIR /app

COPY deploy/uv.txt ./
RUN python -m pip install --no-cache-dir --root-user-action=ignore --require-hashes --requirement uv.txt \
    && uv venv --python "$(command -v python)" /venv

ARG SERVICE
COPY requirements.lock ./
COPY libs/shared/pyproject.toml libs/shared/
COPY services/${SERVICE}/pyproject.toml services/${SERVICE}/
RUN echo trunkline-shared > ours.txt \
    && uv pip install --require-hashes --constraints requirements.lock --excludes ours.txt --no-sources --only-binary :all: \
        --requirements libs/shared/pyproject.toml --requirements services/${SERVICE}/pyproject.toml \
    && rm requirements.lock ours.txt uv.txt

COPY libs/shared/src libs/shared/src
COPY services/${SERVICE} services/${SERVICE}
RUN python -m compileall -q libs services

FROM python:3.11-slim
# A volume mounted over one of these takes its owner from here.
RUN groupadd --gid 10001 trunkline \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin trunkline \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/trunkline/spool /var/lib/trunkline/files
ARG SERVICE
# Metric names of the stable HTTP conventions; the root file system is read-only, so nothing is compiled at run time.
ENV SERVICE=${SERVICE} \
    PATH=/venv/bin:$PATH \
    PYTHONPATH=/app/libs/shared/src:/app/services/${SERVICE}/src \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OTEL_SEMCONV_STABILITY_OPT_IN=http
COPY --from=build /venv /venv
COPY --from=build /app /app
USER 10001:10001
WORKDIR /app
STOPSIGNAL SIGTERM
CMD ["sh", "-c", "exec python -m \"$SERVICE\""]
