import pytest

from cli.preview.cost import Cost


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        (Cost(reads=3, writes=2), "a live run: 5 requests to Graph (3 reads, 2 writes)"),
        (Cost(reads=0, writes=0), "a live run: 0 requests to Graph"),
        (Cost(reads=1, writes=0), "a live run: 1 request to Graph (1 read)"),
        (
            Cost(reads=5100, writes=5000),
            "a live run: 10100 requests to Graph (5100 reads, 5000 writes), at least 17 minutes under Graph's limits",
        ),
    ],
)
def test_what_a_live_run_costs_is_told_with_the_time_that_the_quota_makes_of_it(cost: Cost, told: str) -> None:
    assert cost.described() == told
