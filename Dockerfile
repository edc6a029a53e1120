# One image for the bot, the stock Rasa server and the action server; the dialogue model is trained while it is built.
FROM python:3.10-slim

# tzdata: the dealer's zone; libgomp1: scikit-learn.
RUN apt-get update \
    && apt-get install -y --no-install-recommends tzdata libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir uv \
    && useradd --uid 10001 --create-home bot

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    RASA_TELEMETRY_ENABLED=false \
    SQLALCHEMY_SILENCE_UBER_WARNING=1 \
    TF_CPP_MIN_LOG_LEVEL=3 \
    BOT_HOST=0.0.0.0 \
    BOT_PORT=8080

WORKDIR /app
COPY requirements.lock ./
RUN uv venv --python /usr/local/bin/python3.10 .venv \
    && uv pip install --no-cache --python .venv/bin/python --compile-bytecode --require-hashes -r requirements.lock

COPY --chown=bot:bot . .
RUN mkdir -p models var .rasa && chown bot:bot . models var .rasa
USER bot
RUN python -m bot train

VOLUME /app/var
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "deploy/is_healthy.py", "http://127.0.0.1:8080/health/ready"]
CMD ["python", "-m", "bot", "serve"]
