"""Before one event is sent under an id that somebody gave it: what the journal has of it already."""

import typer

from cli import exits, standing, words
from cli.events import OutgoingEvent
from cli.records import opening
from cli.records.opening import NotThere
from shared.domain.errors import InvalidMessage, JournalUnavailable
from shared.messaging.conclusion import Conclusion
from shared.messaging.settlement import DeadLetter


async def tell(event: OutgoingEvent) -> None:
    """Say on standard error how the event ended, if it has; ends the command with 2 if its id is used up.

    Where the journal can't be looked into nothing is said: the service answers a repeat with the outcome on record all the same.
    """
    settings = opening.settings()
    async with opening.looked_into(settings) as journal:
        if isinstance(journal, NotThere):
            return
        try:
            earlier = await standing.of_event(event, journal, settings)
        except InvalidMessage as error:
            exits.refuse(f"nothing was sent, as the service would refuse it: {error}")
        except JournalUnavailable:
            return
    if earlier.end is not None and earlier.at is not None:
        undone = f", and was undone on {earlier.undone_at:%Y-%m-%d %H:%M} UTC" if earlier.undone_at else ""
        typer.echo(
            f"event {words.printable(event.event_id)} was handled already: it ended on {earlier.at:%Y-%m-%d %H:%M} UTC with "
            f"{earlier.outcome}{undone}. Sent again, it touches nothing: {_answer(earlier.end)}",
            err=True,
        )


def _answer(end: Conclusion) -> str:
    """What becomes of an event whose first run ended so, when it is sent again."""
    if isinstance(end.settlement, DeadLetter):
        again = f"it becomes a dead letter again ({end.settlement.reason.value}), as at first."
        return (
            f"{again} To have it acted on, mend the cause or release it, and replay its dead letter: offboard dlq list."
        )
    again = "the service answers with the outcome on record, which the topic drops if it had it within the hour."
    return f"{again} To have it acted on, give it a new event id."
