"""More leavers at once than the quota allows: whoever must wait does so as a scheduled copy, and Graph never refuses."""

from collections import Counter

from tests.e2e.conftest import OwnSite
from tests.e2e.watching import lines

LEAVERS = 115


def test_who_is_beyond_the_quota_waits_for_a_slot_and_nobody_is_throttled(own_site: OwnSite) -> None:
    site = own_site()
    leavers = [site.people.take() for _ in range(LEAVERS)]
    for _ in range(2):
        site.start_host()

    sent = [site.left(leaver) for leaver in leavers]
    outcomes = [site.end(message) for message in sent]

    assert [lines(each) for each in outcomes] == [{leaver.device: "unassigned"} for leaver in leavers]
    assert sum(each["attempt"] == 1 for each in outcomes) >= 100, "to be put off is no attempt"
    assert not any(call.status == 429 for call in site.graph.calls)
    assert {len(site.posts(leaver.device)) for leaver in leavers} == {1}
    put_off = Counter(sum(step == "schedule" for step, _ in site.steps(message)) for message in sent)
    assert put_off[0] >= 60
    assert put_off[1] >= LEAVERS - 100
    batches = [call for call in site.graph.calls if call.path == "/$batch"]
    assert len(batches) >= 4
