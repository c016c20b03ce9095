"""Times, a copy and an outcome to work with."""

from datetime import UTC, datetime, timedelta
from typing import Final

from shared.messaging.message_ids import bounded_message_id
from shared.messaging.outcome import Publication

NOON: Final = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the emulator's clock is the machine's
SOON: Final = timedelta(hours=2)


def a_publication(
    event_id: str = "hr-4711:0:autopilot.unassignment.completed", *, dry_run: bool = False
) -> Publication:
    return Publication(
        event_id=event_id,
        message_id=bounded_message_id(f"/dry-run:{event_id}" if dry_run else event_id),
        document='{"specversion": "1.0", "data": {"name": "Zoë \N{ROCKET}"}}',
        application_properties={
            "type": "autopilot.unassignment.completed",
            "outcome": "unassigned",
            "dryRun": dry_run,
        },
    )
