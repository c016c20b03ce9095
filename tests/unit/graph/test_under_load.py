"""The service whole, in virtual time, against the emulated Graph's throttling: as fast as the quota allows, and no more calls."""

import functools
import statistics

import pytest

from benchmarks import calls, quota


@functools.cache
def measured(processes: int, *, neighbour: bool = False, seed: int = 0) -> dict[str, float]:
    return quota.run(processes, neighbour=neighbour, seed=seed)


@pytest.mark.parametrize(("processes", "slowest"), [(1, 1.10), (4, 1.15), (10, 1.15)])
def test_a_thousand_devices_take_little_longer_than_the_quota_allows(processes: int, slowest: float) -> None:
    figures = measured(processes)

    assert figures["time_ratio"] <= slowest
    assert figures["share_429"] < 0.01
    assert figures["calls_per_success"] <= 1.05
    assert figures["lock_p99_s"] <= 15
    assert figures["deliveries"] <= 2.1
    assert figures["attempts"] == 1


def test_beside_a_neighbour_who_takes_most_of_the_quota_what_is_left_is_used() -> None:
    runs = [measured(1, neighbour=True, seed=seed) for seed in range(3)]  # who comes back when is left to chance

    assert statistics.median(run["time_ratio"] for run in runs) <= 1.25
    assert {run["posts_per_success"] for run in runs} == {1}
    assert max(run["lock_p99_s"] for run in runs) <= 15


@pytest.mark.parametrize(("processes", "most"), [(1, 1), (4, 3), (10, 3)])
def test_a_batch_of_twenty_costs_one_storage_operation_alone_and_three_with_ten_processes(
    processes: int, most: float
) -> None:
    assert statistics.median(measured(processes, seed=seed)["storage_per_write"] * 20 for seed in range(3)) <= most


def test_five_hundred_leavers_in_a_tenant_of_twenty_thousand_devices_take_few_requests() -> None:
    figures = calls.modelled()

    assert figures["calls.modelled_http_requests"] <= 150
    assert figures["calls.modelled_throttled"] == 0
