# One image for the bot, its worker, the stock Rasa server and the action server; the dialogue model is trained while it
# is built. The first stage installs and trains, the second takes over the result without installer, caches and test tools.
FROM python:3.10-slim AS built

# Mirrors of the package index, where the usual one cannot be reached.
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX

# libgomp1: scikit-learn.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir uv

ENV PATH=/app/.venv/bin:$PATH \
    RASA_TELEMETRY_ENABLED=false \
    SQLALCHEMY_SILENCE_UBER_WARNING=1 \
    TF_CPP_MIN_LOG_LEVEL=3

WORKDIR /app
COPY requirements.lock ./
RUN uv venv --python /usr/local/bin/python3.10 .venv \
    && uv pip install --no-cache --python .venv/bin/python --compile-bytecode --require-hashes --no-deps -r requirements.lock \
    && uv pip uninstall --python .venv/bin/python pytest pytest-asyncio pytest-timeout pytest-xdist playwright ruff mypy \
        types-PyYAML types-openpyxl types-jsonschema

COPY . .
RUN python -m bot train


FROM python:3.10-slim

# tzdata: the dealer's zone; libgomp1: scikit-learn.
RUN apt-get update \
    && apt-get install -y --no-install-recommends tzdata libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home bot

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    RASA_TELEMETRY_ENABLED=false \
    SQLALCHEMY_SILENCE_UBER_WARNING=1 \
    TF_CPP_MIN_LOG_LEVEL=3 \
    BOT_HOST=0.0.0.0 \
    BOT_PORT=8080

WORKDIR /app
COPY --from=built /app/.venv .venv
COPY --chown=bot:bot . .
COPY --from=built --chown=bot:bot /app/models models
# A volume that is mounted on var/spool takes over its owner from here.
RUN mkdir -p var/spool .rasa && chown -R bot:bot var .rasa && chown bot:bot .
USER bot

VOLUME /app/var
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "deploy/is_healthy.py", "http://127.0.0.1:8080/health/ready"]
CMD ["python", "-m", "bot", "serve"]
