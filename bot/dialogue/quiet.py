"""Sets what Rasa reads before it is imported: no telemetry, no chatter on the terminal."""

from __future__ import annotations

import logging
import os

_QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def be_quiet() -> None:
    """Call before the first import of rasa; texts of customers are never logged, not even at debug level."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import structlog

    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet, cache_logger_on_first_use=True)
    for name in ("rasa", "rasa_sdk", "matplotlib", "tensorflow", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("rasa.core.actions.action").addFilter(_no_rejections)
    # Libraries below Rasa warn of each other's age and switch the warning filters back on; none of it is for us.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)


def _no_rejections(record: logging.LogRecord) -> bool:
    """Rasa logs as an error that a form gave way to a question, which is how forms are meant to work."""
    return "rejected execution" not in record.getMessage()
