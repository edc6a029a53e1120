"""Why an address cannot be reached, in words an operator can do something with."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

SECONDS = 4.0
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Place:
    """Where a URL leads."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def place_of(url: str) -> Place:
    """Host and port of an http or https URL; raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("no http or https address")
    return Place(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme])


async def obstacle(url: str, seconds: float = SECONDS) -> str | None:
    """What stands between here and the address, as the end of a sentence; None when a connection stands."""
    try:
        place = place_of(url)
    except ValueError:
        return "it is no address"
    context = ssl.create_default_context() if place.scheme == "https" else None
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(place.host, place.port, ssl=context), seconds)
    except asyncio.TimeoutError:
        return f"{place} does not answer within {seconds:.0f} seconds"
    except ssl.SSLCertVerificationError as error:
        return f"the certificate of {place.host} cannot be trusted ({error.verify_message})"
    except ssl.SSLError:
        return f"{place} does not speak TLS"
    except socket.gaierror:
        return f"the name {place.host} cannot be resolved"
    except ConnectionRefusedError:
        return f"{place} refuses the connection"
    except ConnectionResetError:
        return f"{place} breaks the connection off (a firewall, or no TLS there)"
    except OSError as error:
        return f"{place} cannot be reached ({error.strerror or type(error).__name__})"
    writer.close()
    with suppress(OSError, asyncio.TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), 1.0)
    return None


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for this address; the bot's Telegram channel goes through it, too."""
    place = place_of(url)
    return None if proxy_bypass(str(place)) else getproxies().get(place.scheme)


def platform_client(url: str) -> httpx.AsyncClient:
    """A client for a platform's address, with the computer's list of authorities and the environment's proxy."""
    return httpx.AsyncClient(
        timeout=SECONDS, trust_env=False, proxy=proxy_for(url), verify=ssl.create_default_context()
    )
