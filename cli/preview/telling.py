"""What previews of one and of many tell alike: the hour's limit, a journal that was not looked at, the end without an answer."""

from collections.abc import Mapping
from typing import Any, NoReturn

import typer

from cli import exits, output
from cli.preview.looking import Previewer
from shared.domain.errors import JournalUnavailable


def on_record(previewer: Previewer, needed: int) -> Mapping[str, Any]:
    """The hour's limit and the journal, for JSON."""
    seen = previewer.on_record
    return {
        "blastRadius": {"perHour": previewer.limit, "left": seen.left_this_hour, "needed": needed},
        "journal": {"lookedAt": not seen.unseen, "why": seen.unseen or None},
    }


def hour_and_journal(previewer: Previewer, needed: int) -> None:
    """The same for people; what is missing from the answer goes to standard error."""
    seen = previewer.on_record
    if seen.left_this_hour is not None and needed:
        more = f"{seen.left_this_hour} of {previewer.limit} devices may still be unassigned this hour"
        output.say(f"{more} (BLAST_RADIUS_PER_HOUR); this would be {needed}")
    if seen.unseen:
        typer.echo(
            f"without the journal ({seen.unseen}): what was handled or undone before, and this hour's limit, are not in this",
            err=True,
        )


def refuse(error: BaseException) -> NoReturn:
    """End the command: Graph could not be asked, or the journal that it began with was out of reach later."""
    setting = "JOURNAL_URL" if isinstance(error, JournalUnavailable) else "GRAPH_ENDPOINT"
    exits.refuse(f"nothing can be said: {type(error).__name__}: {error}: check {setting}, the sign-in and the network")
