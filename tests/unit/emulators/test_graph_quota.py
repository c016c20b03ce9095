from datetime import UTC, datetime, timedelta

from emulators.graph.quota import Quota, QuotaWindow

START = datetime(2026, 11, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def window(writes: int = 100, requests: int = 100, *, counts_throttled: bool = True) -> QuotaWindow:
    twenty = timedelta(seconds=20)
    return QuotaWindow(Quota(writes=writes, requests=requests, window=twenty, counts_throttled=counts_throttled))


def test_intunes_quota_is_the_documented_one() -> None:
    expected = Quota(writes=100, requests=1000, window=timedelta(seconds=20), counts_throttled=True)

    assert Quota.intune() == expected


def test_the_window_slides() -> None:
    used = window(requests=2)
    used.take(at(0), write=False)
    used.take(at(10), write=False)

    assert used.take(at(19.9), write=False) is not None
    assert window(requests=2).take(at(19.9), write=False) is None


def test_a_request_is_forgotten_after_the_window() -> None:
    used = window(requests=1)
    used.take(at(0), write=False)

    assert used.take(at(20), write=False) is None


def test_the_wait_is_until_the_oldest_is_forgotten() -> None:
    used = window(writes=2)
    used.take(at(0), write=True)
    used.take(at(5), write=True)

    assert used.take(at(7.5), write=True) == 13


def test_the_wait_is_never_zero() -> None:
    used = window(writes=1)
    used.take(at(0), write=True)

    assert used.take(at(19.99), write=True) == 1


def test_throttled_requests_count() -> None:
    used = window(writes=1)
    used.take(at(0), write=True)
    used.take(at(15), write=True)

    assert used.take(at(21), write=True) == 14


def test_throttled_requests_need_not_count() -> None:
    used = window(writes=1, counts_throttled=False)
    used.take(at(0), write=True)
    used.take(at(15), write=True)

    assert used.take(at(21), write=True) is None


def test_a_write_is_a_request_too() -> None:
    used = window(writes=5, requests=1)
    used.take(at(0), write=True)

    assert used.take(at(1), write=False) == 19


def test_the_longer_of_two_waits_counts() -> None:
    used = window(writes=1, requests=2)
    used.take(at(0), write=False)
    used.take(at(10), write=True)

    assert used.take(at(12), write=True) == 18
