"""The whole service in real time, with all the real parts: requests to Graph, messages a second, memory. Medians of three runs.

First 500 leavers with 600 devices in a tenant of 20,000, which takes the two minutes that the quota allows. Then 1,000 leavers
without devices, who need scan, journal, outcome and settlement, but none of Graph's quota. Then the host's memory.

How full batches get depends on how fast the machine is at that moment, so each run's requests are shown too.
"""

import functools
import statistics
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.site import Site
from benchmarks.targets import Figures
from benchmarks.tenants import DEVICES, LEAVERS, TENANT, devices, leaver
from emulators.graph.tenant import Tenant

WITHOUT_DEVICES: Final = 1_000
RUNS: Final = 3
_SHOWN: Final = ("calls.http_requests",)


def figures(prefix: str) -> Figures:
    """What those runs show of one benchmark; they are made once."""
    return {key: value for key, value in _medians().items() if key.startswith(prefix)}


@functools.cache
def _medians() -> Figures:
    runs = [_run() for _ in range(RUNS)]
    spread = {f"{key}_in_run_{number}": run[key] for key in _SHOWN for number, run in enumerate(runs, start=1)}
    return {**{key: statistics.median(run[key] for run in runs) for key in runs[0]}, **spread}


def _run() -> Figures:
    tenant = Tenant(devices(TENANT, leavers=LEAVERS, theirs=DEVICES))
    with tempfile.TemporaryDirectory() as folder, Site(tenant, Path(folder)) as site:
        at_start = site.resident_mib()
        seconds = site.offboard(map(leaver, range(LEAVERS)), (f"leaver{number}" for number in range(LEAVERS)))
        assert site.outcomes() == {"unassigned": LEAVERS}, site.outcomes()
        assert sum(not device.user_principal_name for device in site.parts.graph.tenant.devices.values()) == DEVICES
        calls = list(site.parts.graph.calls)
        nobodies = (f"nobody{number}@contoso.example" for number in range(WITHOUT_DEVICES))
        further = site.offboard(nobodies, (f"nobody{number}" for number in range(WITHOUT_DEVICES)))
        assert site.outcomes() == {"unassigned": LEAVERS, "noDevices": WITHOUT_DEVICES}, site.outcomes()
        return {
            "calls.http_requests": sum(call.batch_id is None for call in calls),
            "calls.operations": sum(call.path != "/$batch" for call in calls),
            "calls.throttled": sum(call.status == 429 for call in calls),
            "calls.seconds": seconds,
            "overhead.end_to_end_messages_per_s": WITHOUT_DEVICES / further,
            "start.ready_rss_mib": at_start,
            "start.rss_mib": site.resident_mib(),
        }
