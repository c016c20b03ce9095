import asyncio

import pytest

from shared.keyed_locks import KeyedLocks


async def hold(locks: KeyedLocks, key: str, name: str, trail: list[str], until: asyncio.Event) -> None:
    async with locks.hold(key):
        trail.append(f"{name} in")
        await until.wait()
        trail.append(f"{name} out")


async def test_one_holder_for_each_key_in_the_order_of_asking() -> None:
    locks, trail, go = KeyedLocks(), list[str](), asyncio.Event()

    tasks = [asyncio.create_task(hold(locks, "k", name, trail, go)) for name in "abc"]
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*tasks)

    assert trail == ["a in", "a out", "b in", "b out", "c in", "c out"]


async def test_different_keys_are_held_side_by_side() -> None:
    locks, trail, go = KeyedLocks(), list[str](), asyncio.Event()

    tasks = [asyncio.create_task(hold(locks, key, key, trail, go)) for key in "xy"]
    await asyncio.sleep(0)

    assert trail == ["x in", "y in"]
    assert (locks.held("x"), locks.held("z"), len(locks)) == (True, False, 2)
    go.set()
    await asyncio.gather(*tasks)


async def test_nothing_is_kept_of_a_key_that_nobody_holds() -> None:
    locks = KeyedLocks()

    with pytest.raises(ValueError, match="inside"):
        async with locks.hold("k"):
            raise ValueError("inside")

    assert (locks.held("k"), len(locks)) == (False, 0)


async def test_one_who_waits_and_is_cancelled_leaves_the_others_in_peace() -> None:
    locks, trail, go = KeyedLocks(), list[str](), asyncio.Event()
    first, second, third = [asyncio.create_task(hold(locks, "k", name, trail, go)) for name in "abc"]
    await asyncio.sleep(0)

    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    go.set()
    await asyncio.gather(first, third)

    assert trail == ["a in", "a out", "c in", "c out"]
    assert len(locks) == 0
