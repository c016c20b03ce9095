from tests.integration.devhost.harness import Bus, Hosting


async def test_a_message_reaches_the_function_of_its_queue(bus: Bus, hosting: Hosting) -> None:
    async with hosting() as host:
        await bus.send("settled", "m1")
        await bus.send("unsettled", "m2")
        await host.until(lambda: len(host.app.seen) == 2)

        assert set(host.app.seen) == {("settles_by_lock_token", "m1", 1), ("settles_nothing", "m2", 1)}


async def test_messages_that_were_there_before_the_host_are_run_too(bus: Bus, hosting: Hosting) -> None:
    await bus.send("settled", "m1", "m2")

    async with hosting() as host:
        await host.until(lambda: len(host.app.seen) == 2)


async def test_a_message_that_the_app_settles_is_gone_and_the_host_does_nothing_more(
    bus: Bus, hosting: Hosting
) -> None:
    async with hosting() as host:
        await bus.send("settled", "m1")
        await host.until(lambda: bus.look("settled").counters.get("complete"))
        await bus.send("settled", "m2")
        await host.until(lambda: bus.look("settled").counters.get("complete") == 2)

    view = bus.look("settled")
    assert (view.active, view.locked, view.dead_lettered) == ((), (), ())
    assert view.counters.get("abandon") is None


async def test_the_host_completes_what_the_app_leaves_to_it(bus: Bus, hosting: Hosting) -> None:
    async with hosting() as host:
        host.app.release.set()
        await bus.send("waiting", "m1")
        await host.until(lambda: bus.look("waiting").counters.get("complete"))

    assert [one for one, *_ in host.app.seen] == ["waits"]


async def test_no_more_messages_are_taken_than_may_run_at_once(bus: Bus, hosting: Hosting) -> None:
    async with hosting(maxConcurrentCalls=2) as host:
        await bus.send("waiting", *(f"m{n}" for n in range(6)))
        await host.until(lambda: len(host.app.seen) == 2)
        await bus.send("settled", "marker")  # whatever else was to come had the time that this takes
        await host.until(lambda: ("settles_by_lock_token", "marker", 1) in host.app.seen)
        view = bus.look("waiting")
        host.app.release.set()
        await host.until(lambda: bus.look("waiting").counters.get("complete") == 6)

    assert (len(view.locked), len(view.active)) == (2, 4)
    assert host.app.most_at_once == 2


async def test_hundreds_of_messages_are_run_once_each(bus: Bus, hosting: Hosting) -> None:
    async with hosting(maxConcurrentCalls=32) as host:
        host.app.release.set()
        await bus.send("waiting", *(f"m{n}" for n in range(300)))
        await host.until(lambda: bus.look("waiting").counters.get("complete") == 300)

    assert len(host.app.seen) == len(set(host.app.seen)) == 300
