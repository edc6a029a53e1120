"""The certificate of the public name: good, expired, ending soon, of another name, not trusted, not to be reached."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.doctor.certificate import check_public_host
from bot.doctor.finding import Finding
from tests.doctor.certificates import Authority, tls_server
from tests.doctor.surgery import around, faults, good, notes, the_fault


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


async def looked(folder: Path, host: str) -> list[Finding]:
    return await check_public_host(around(folder, BOT_PUBLIC_HOST=host))


def day(days: int) -> str:
    return f"{datetime.now(timezone.utc) + timedelta(days=days):%Y-%m-%d}"


async def test_certificate_that_is_good_for_a_while_is_good(authority: Authority, tmp_path: Path) -> None:
    async with tls_server(authority.issue("localhost", -1, 60)) as host:
        found = await looked(tmp_path, host)
    assert good(found) == [f"The certificate of localhost is good until {day(60)}."]


async def test_expired_certificate_is_a_fault_with_its_day(authority: Authority, tmp_path: Path) -> None:
    async with tls_server(authority.issue("localhost", -90, -3)) as host:
        sentence = the_fault(await looked(tmp_path, host))
    assert sentence.startswith(f"The certificate of localhost has expired on {day(-3)}: renew it")


async def test_expired_certificate_of_an_unknown_authority_is_called_expired(tmp_path: Path) -> None:
    async with tls_server(Authority(tmp_path).issue("localhost", -90, -3)) as host:
        assert "has expired" in the_fault(await looked(tmp_path, host))


async def test_certificate_that_ends_soon_is_a_note(authority: Authority, tmp_path: Path) -> None:
    async with tls_server(authority.issue("localhost", -80, 5)) as host:
        found = await looked(tmp_path, host)
    assert faults(found) == []
    assert f"ends on {day(5)}: renew it" in notes(found)[0]


async def test_certificate_of_another_name_is_a_fault(authority: Authority, tmp_path: Path) -> None:
    async with tls_server(authority.issue("other.example.cn", -1, 60)) as host:
        assert "made out to another name: get one for localhost" in the_fault(await looked(tmp_path, host))


async def test_certificate_that_is_not_good_yet_is_a_fault(authority: Authority, tmp_path: Path) -> None:
    async with tls_server(authority.issue("localhost", 2, 60)) as host:
        assert "is this computer's clock right?" in the_fault(await looked(tmp_path, host))


async def test_certificate_nobody_knows_is_a_fault(tmp_path: Path) -> None:
    async with tls_server(Authority(tmp_path).issue("localhost", -1, 60)) as host:
        assert "is not trusted" in the_fault(await looked(tmp_path, host))


async def test_host_that_cannot_be_reached_from_here_is_a_note(tmp_path: Path) -> None:
    found = await looked(tmp_path, "127.0.0.1:9")
    assert faults(found) == []
    assert "127.0.0.1:9 refuses the connection" in notes(found)[0]


async def test_host_without_a_dns_entry_is_a_fault(tmp_path: Path) -> None:
    assert "make a DNS entry" in the_fault(await looked(tmp_path, "bot.invalid"))


async def test_without_a_public_host_nothing_is_said(tmp_path: Path) -> None:
    assert await looked(tmp_path, "") == []


@pytest.mark.parametrize("address", ["https://bot.dealer.cn", "http://bot.dealer.cn", "bot.dealer.cn/channels/wechat"])
async def test_address_in_place_of_the_name_is_a_fault(tmp_path: Path, address: str) -> None:
    assert the_fault(await looked(tmp_path, address)).startswith("BOT_PUBLIC_HOST should be the name only")
