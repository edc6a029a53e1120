"""`python -m bot doctor`."""

from __future__ import annotations

import asyncio
import logging
import sys

from bot.doctor.examination import examine
from bot.doctor.showing import show


def run_doctor() -> bool:
    """Look at everything, print it on stdout; whether nothing needs anybody."""
    # Libraries log what the findings say in plain words already.
    logging.getLogger().setLevel(logging.CRITICAL)
    if sys.stdout.isatty():
        print("Looking; this takes a few seconds …", flush=True)
    return asyncio.run(_looked())


async def _looked() -> bool:
    found = await examine()
    show(found)
    return all(finding.ok is not False for finding in found)
