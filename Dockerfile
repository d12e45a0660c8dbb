# Nutgraf as a container: non-root, works with a read-only root; only /data is written to.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY service service
COPY config config
RUN python3 -m venv /opt/nutgraf \
 && /opt/nutgraf/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt '.[postgres,oauth,llm]' \
 && /opt/nutgraf/bin/python -m pip uninstall --yes --quiet setuptools pip

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="nutgraf" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/nutgraf /opt/nutgraf
# The official image brings pip along; nothing here needs it any more.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3*/site-packages/pip* /usr/local/lib/python3*/ensurepip \
 && mkdir -m 700 /data && chown 10001:10001 /data
ENV PATH=/opt/nutgraf/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NUTGRAF_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
# Healthy means that every worker has finished its work in time and nothing is overdue; the first minute is for the first poll.
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s --retries=3 CMD ["nutgraf", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["nutgraf"]
CMD ["run"]
