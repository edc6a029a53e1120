"""Is the TLS certificate of the bot's public name valid, and for how long?"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from datetime import datetime, timedelta, timezone

from cryptography import x509

from bot.doctor.finding import Finding, note, works, wrong
from bot.doctor.network import SECONDS, Place, obstacle, place_of
from bot.doctor.surroundings import Surroundings

SUBJECT = "certificate"
_SOON = timedelta(days=14)
_EXPIRED, _NOT_YET, _OTHER_NAME = 10, 9, 62  # OpenSSL's X509_V_ERR_…
_RENEW = "renew it, and let the proxy load the new one"


async def check_public_host(around: Surroundings) -> list[Finding]:
    """The certificate that BOT_PUBLIC_HOST shows, if that variable of the proxy is set."""
    host = around.given("BOT_PUBLIC_HOST")
    if not host:
        return []
    try:
        place = place_of(f"https://{host}")
    except ValueError:
        place = None
    if place is None or "/" in host:
        return [wrong(SUBJECT, "BOT_PUBLIC_HOST should be the name only, such as bot.dealer.cn, no address.")]
    return [await certificate_at(place)]


async def certificate_at(place: Place, seconds: float = SECONDS) -> Finding:
    """What can be said of the certificate there; an address that cannot be reached from here is no fault by itself."""
    try:
        until = await _good_until(place, seconds)
    except ssl.SSLCertVerificationError as error:
        return wrong(SUBJECT, await _why_bad(place, error, seconds))
    except socket.gaierror:
        return wrong(
            SUBJECT, f"The name {place.host} cannot be resolved: make a DNS entry that points to this machine."
        )
    except (OSError, asyncio.TimeoutError):
        reason = await obstacle(f"https://{place}", seconds) or "it breaks off"
        advice = "if it should, start the proxy, and open port 443 in the firewall"
        return note(SUBJECT, f"The certificate of {place.host} cannot be looked at from here, {reason}; {advice}.")
    left = until - datetime.now(timezone.utc)
    if left < _SOON:
        return note(SUBJECT, f"The certificate of {place.host} ends on {until:%Y-%m-%d}: {_RENEW}.")
    return works(SUBJECT, f"The certificate of {place.host} is good until {until:%Y-%m-%d}.")


async def _good_until(place: Place, seconds: float) -> datetime:
    """The end of a certificate that was found good; raises ssl.SSLCertVerificationError and OSError."""
    writer = await _opened(place, ssl.create_default_context(), seconds)
    shown = writer.get_extra_info("peercert") or {}
    await _close(writer)
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), timezone.utc)


async def _why_bad(place: Place, error: ssl.SSLCertVerificationError, seconds: float) -> str:
    shown = await _unchecked(place, seconds)
    name = f"The certificate of {place.host}"
    now = datetime.now(timezone.utc)
    until = shown.not_valid_after_utc if shown else now
    since = shown.not_valid_before_utc if shown else now
    if error.verify_code == _EXPIRED or until < now:
        return f"{name} has expired on {until:%Y-%m-%d}: {_RENEW}."
    if error.verify_code == _NOT_YET or since > now:
        return f"{name} is only good from {since:%Y-%m-%d}: is this computer's clock right?"
    if error.verify_code == _OTHER_NAME:
        return f"{name} is made out to another name: get one for {place.host}."
    return f"{name} is not trusted ({error.verify_message}): use one of a public authority, with its whole chain."


async def _unchecked(place: Place, seconds: float) -> x509.Certificate | None:
    """The certificate as it is, to say what is wrong with it; nothing is sent over this connection."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        writer = await _opened(place, context, seconds)
        content = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        await _close(writer)
        return x509.load_der_x509_certificate(content)
    except (OSError, ValueError, asyncio.TimeoutError):
        return None


async def _opened(place: Place, context: ssl.SSLContext, seconds: float) -> asyncio.StreamWriter:
    _, writer = await asyncio.wait_for(asyncio.open_connection(place.host, place.port, ssl=context), seconds)
    return writer


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, asyncio.TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), 1.0)
