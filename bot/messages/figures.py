"""The message path's figures for Prometheus; labels never name a person."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

RECEIVED = Counter("bot_messages_received", "Customer messages stored", ["channel"])
REPEATED = Counter("bot_messages_repeated", "Deliveries of messages that were stored before", ["channel"])
SAID = Counter("bot_messages_said", "Messages of the bot stored", ["channel"])
SENDS = Counter("bot_sends", "Letters handed to a platform, by what became of them", ["channel", "result"])
REPEATED_SENDS = Counter("bot_sends_repeated", "Sends done again because a process died in the middle", ["channel"])
FAILED = Counter("bot_turns_failed", "Turns the dialogue could not do")
LOST = Counter("bot_claims_lost", "Turns taken over by another process")
RUNNING = Gauge("bot_turns_running", "Conversations being worked on in this process")
SECONDS = Histogram(
    "bot_turn_seconds",
    "From the start of a turn in the dialogue to its result",
    ["channel"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20),
)
ACKNOWLEDGED = Histogram(
    "bot_acknowledge_seconds",
    "From a platform's push to our acknowledgement, the message stored in between",
    ["channel"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
MEDIA = Counter("bot_media", "Files that came with messages, by what became of them", ["channel", "result"])
QUEUE_AGE = Gauge(
    "bot_queue_age_seconds", "Age of the oldest message that is received, queued or waiting", ["channel", "queue"]
)
HANDOFFS = Gauge("bot_handoffs", "Hand-offs to people in the store, by status", ["channel", "status"])
CHANNEL_TROUBLE = Gauge("bot_channel_trouble", "1 while a channel cannot receive or send", ["channel"])
