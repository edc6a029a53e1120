"""Files are fetched once, within size and type, by one process, and go with the customer's data."""

import pytest

from bot.business.conversations import Incoming, MediaRef
from bot.messages.inbox import real_now
from bot.messages.media import Fetched, MediaFetcher, may_be_kept
from bot.messages.sending import Rejected, SendError, TryAgain
from bot.services import privacy
from bot.store.engine import Store
from bot.store.media import KeptMedia
from tests.messages.fakes import EchoEngine, MessagePath

CHANNEL = "telegram"


class Source:
    """Gives the same picture, or fails as told."""

    def __init__(self, mime: str = "image/jpeg", error: SendError | None = None) -> None:
        self.mime = mime
        self.error = error
        self.asked = 0

    async def fetch(self, ref: MediaRef, largest: int) -> Fetched:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return Fetched(b"picture", self.mime)


async def sent(store: Store, size: int | None = None) -> int:
    path = MessagePath(store, EchoEngine())
    ref = MediaRef("image", "file-1", size=size)
    delivery = await path.inbox.take(Incoming(CHANNEL, "li", "", kind="image", media=ref))
    await path.router.stop()
    return delivery.message_id


async def kept(store: Store, message_id: int) -> KeptMedia:
    async with store.reading() as uow:
        files = await uow.media.of_messages([message_id])
        found: KeptMedia = await uow.media.get(files[0].id)
    return found


async def test_a_picture_is_fetched_and_kept(store: Store) -> None:
    message, source = await sent(store), Source()
    fetcher = MediaFetcher(store, {CHANNEL: source}, 1_000)
    assert [await fetcher.fetch_due(), await fetcher.fetch_due()] == [1, 0]
    file = await kept(store, message)
    assert (file.state, file.content, file.ref.mime, file.ref.size) == ("kept", b"picture", "image/jpeg", 7)


@pytest.mark.parametrize("mime", ["image/jpeg\r\nSet-Cookie: a=b", "image/图片", "image/svg+xml", "image", ""])
async def test_what_is_no_type_that_may_be_shown_is_not_kept(store: Store, mime: str) -> None:
    message = await sent(store)
    await MediaFetcher(store, {CHANNEL: Source(mime)}, 1_000).fetch_due()
    file = await kept(store, message)
    assert (file.state, file.content) == ("refused", None)


@pytest.mark.parametrize("size", [4_000_000_000, 10**30])
async def test_a_file_of_any_size_does_not_lose_its_message(store: Store, size: int) -> None:
    message = await sent(store, size=size)
    await MediaFetcher(store, {CHANNEL: Source()}, 20_000_000).fetch_due()
    assert (await kept(store, message)).state == "refused"


async def test_a_type_is_kept_without_what_follows_it(store: Store) -> None:
    message = await sent(store)
    await MediaFetcher(store, {CHANNEL: Source("Image/JPEG; charset=x")}, 1_000).fetch_due()
    assert (await kept(store, message)).ref.mime == "image/jpeg"


async def test_a_file_that_breaks_the_fetching_does_not_hold_up_the_next(store: Store) -> None:
    broken, good = await sent(store), await sent(store)
    source = Source()
    fetch = source.fetch

    async def first_breaks(ref: MediaRef, largest: int) -> Fetched:
        source.fetch = fetch  # type: ignore[method-assign]
        raise ZeroDivisionError

    source.fetch = first_breaks  # type: ignore[method-assign]
    assert await MediaFetcher(store, {CHANNEL: source}, 1_000).fetch_due() == 2
    assert [(await kept(store, message)).state for message in (broken, good)] == ["wanted", "kept"]


async def test_two_processes_fetch_a_file_once(store: Store, database_url: str) -> None:
    await sent(store)
    second = Store(database_url)
    await second.start()
    sources = [Source(), Source()]
    assert await MediaFetcher(store, {CHANNEL: sources[0]}, 1_000).fetch_due() == 1
    assert await MediaFetcher(second, {CHANNEL: sources[1]}, 1_000).fetch_due() == 0
    await second.close()


async def test_what_is_too_large_or_of_a_wrong_type_is_refused(store: Store) -> None:
    large = await sent(store, size=2_000)
    source = Source()
    await MediaFetcher(store, {CHANNEL: source}, 1_000).fetch_due()
    assert ((await kept(store, large)).state, source.asked) == ("refused", 0)
    page = await sent(store)
    await MediaFetcher(store, {CHANNEL: Source("text/html; charset=utf-8")}, 1_000).fetch_due()
    assert (await kept(store, page)).state == "refused"


async def test_a_file_the_platform_no_longer_has_is_given_up_and_a_passing_fault_is_not(store: Store) -> None:
    gone, later = await sent(store), None
    await MediaFetcher(store, {CHANNEL: Source(error=Rejected("gone"))}, 1_000).fetch_due()
    assert (await kept(store, gone)).state == "refused"
    later = await sent(store)
    await MediaFetcher(store, {CHANNEL: Source(error=TryAgain("busy"))}, 1_000).fetch_due()
    assert (await kept(store, later)).state == "wanted"
    async with store.transaction() as uow:
        assert await uow.media.due(real_now(), real_now()) == []


async def test_files_go_with_the_customers_data(store: Store) -> None:
    message = await sent(store)
    await MediaFetcher(store, {CHANNEL: Source()}, 1_000).fetch_due()
    path = MessagePath(store, EchoEngine())
    async with store.transaction() as uow:
        await privacy.delete_person(uow, path.clock.now(), channel=CHANNEL, user="li")
    async with store.reading() as uow:
        assert await uow.media.of_messages([message]) == []


def test_nothing_that_could_run_in_a_browser_is_kept() -> None:
    kept_types = ("image/jpeg", "audio/ogg", "video/mp4", "application/pdf", "IMAGE/PNG; x=1")
    assert all(may_be_kept(mime) for mime in kept_types)
    assert not any(may_be_kept(mime) for mime in ("text/html", "image/svg+xml", "application/xhtml+xml", ""))
