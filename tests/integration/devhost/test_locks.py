from tests.integration.devhost.harness import LOCK, MAX_DELIVERY_COUNT, RENEWAL, Bus, Hosting


async def test_a_lock_is_renewed_while_the_function_runs(bus: Bus, hosting: Hosting) -> None:
    async with hosting() as host:
        await bus.send("waiting", "m1")
        await host.until(lambda: host.app.seen)
        bus.time.advance(RENEWAL)
        await host.until(lambda: bus.look("waiting").counters.get("renew") == 1)
        bus.time.advance(RENEWAL)
        await host.until(lambda: bus.look("waiting").counters.get("renew") == 2)
        host.app.release.set()
        await host.until(lambda: bus.look("waiting").counters.get("complete"))

    assert host.app.seen == [("waits", "m1", 1)]


async def test_a_lock_is_renewed_no_longer_than_host_json_allows(bus: Bus, hosting: Hosting) -> None:
    async with hosting(maxAutoLockRenewalDuration="00:00:00") as host:
        await bus.send("waiting", "m1")
        await host.until(lambda: host.app.seen)
        bus.time.advance(LOCK)
        await host.until(lambda: ("waits", "m1", 2) in host.app.seen)

    assert bus.look("waiting").counters.get("renew") is None


async def test_a_message_left_unsettled_returns_when_its_lock_expires(bus: Bus, hosting: Hosting) -> None:
    async with hosting() as host:
        await bus.send("unsettled", "m1")
        await host.until(lambda: host.app.seen)
        bus.time.advance(LOCK)
        await host.until(lambda: len(host.app.seen) == 2)

    assert host.app.seen == [("settles_nothing", "m1", 1), ("settles_nothing", "m1", 2)]
    assert bus.look("unsettled").counters.get("abandon") is None


async def test_a_message_whose_function_raises_is_delivered_again_at_once_until_the_queue_gives_up(
    bus: Bus, hosting: Hosting
) -> None:
    async with hosting() as host:
        await bus.send("raising", "m1")
        await host.until(lambda: bus.look("raising").dead_lettered)

    assert host.app.seen == [("raises", "m1", count + 1) for count in range(MAX_DELIVERY_COUNT)]
    assert [one.dead_letter_reason for one in bus.look("raising").dead_lettered] == ["MaxDeliveryCountExceeded"]
