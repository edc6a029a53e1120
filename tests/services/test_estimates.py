"""Duration and price before anybody has seen the car."""

from __future__ import annotations

from bot.services.estimates import estimate_of
from bot.store import tables
from bot.store.engine import Store
from tests.services.workshops import set_up


async def test_an_estimate_knows_models_with_their_own_price(store: Store) -> None:
    await set_up(store)
    async with store.transaction() as uow:
        own = {"service_type": "maintenance", "model": "途观", "low_fen": 500, "high_fen": 900}
        await uow.connection.execute(tables.service_prices.insert().values(**own))
        usual = await estimate_of(uow, "maintenance", "速腾")
        tiguan = await estimate_of(uow, "maintenance", "途观L")
    assert (usual.minutes, usual.low_fen, usual.high_fen) == (60, 100, 200)
    assert (tiguan.minutes, tiguan.low_fen, tiguan.high_fen) == (60, 500, 900)
