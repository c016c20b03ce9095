"""`offboard dlq list`: dead letters by queue and reason, with what to do; or each by itself."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import typer

from cli import output
from cli.dlq import choosing, explaining, guessing, opening, tables
from cli.dlq.choosing import Selection
from cli.dlq.understanding import Understood
from cli.exit_codes import Exit


async def run(queue: str | None, selection: Selection, *, messages: bool, as_json: bool) -> int:
    """Print them; 0, also if there are none. Ends the command with 2 if they can't be looked at."""
    async with opening.opened(queue) as site:
        found = await site.chosen(selection, as_json=as_json)
        now = site.clock.now()
    if messages:
        _print_messages(found, now, as_json=as_json)
    else:
        _print_groups(found, now, as_json=as_json)
    return Exit.DONE


def in_words(age: timedelta) -> str:
    """An age in its largest unit: 3d, 5h, 12m, 40s."""
    seconds = int(age.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def _print_groups(found: Sequence[Understood], now: datetime, *, as_json: bool) -> None:
    groups = list(_groups(found, now))
    if as_json:
        output.as_json({"deadLetters": len(found), "groups": groups})
        return
    if not groups:
        typer.echo("no dead letters")
        return
    rows = [
        {**group, "oldest": in_words(timedelta(seconds=group["oldestSeconds"])), "what to do": group["whatToDo"]}
        for group in groups
    ]
    tables.by_queue(["reason", "count", "oldest", "what to do"], rows)
    typer.echo("offboard dlq list --messages lists each; offboard dlq show NUMBER explains one.")


def _groups(found: Sequence[Understood], now: datetime) -> Iterator[Mapping[str, Any]]:
    together: dict[tuple[str, str], list[Understood]] = {}
    for each in found:
        together.setdefault((each.letter.message.queue, each.letter.reason), []).append(each)
    for (queue, reason), members in together.items():
        oldest = min(members, key=lambda member: member.letter.message.first_enqueued_at).letter
        row = explaining.row(reason)
        yield {
            "queue": queue,
            "reason": reason,
            "count": len(members),
            "oldestFirstEnqueuedAt": oldest.message.first_enqueued_at.isoformat(),
            "oldestSeconds": int(choosing.age(oldest, now).total_seconds()),
            "meaning": row.meaning,
            "whatToDo": row.what_to_do,
            "safeToReplay": row.safe_to_replay,
        }


def _print_messages(found: Sequence[Understood], now: datetime, *, as_json: bool) -> None:
    rows = [
        {
            "number": each.letter.sequence_number,
            "queue": each.letter.message.queue,
            "messageId": each.letter.message.message_id,
            "reason": each.letter.reason,
            "firstEnqueuedAt": each.letter.message.first_enqueued_at.isoformat(),
            "ageSeconds": int(choosing.age(each.letter, now).total_seconds()),
            "age": in_words(choosing.age(each.letter, now)),
            "replays": each.letter.message.run,
            "about": each.about(),
            "seemsAbout": None if each.event is not None else guessing.about(each.letter) or None,
        }
        for each in found
    ]
    if as_json:
        output.as_json({"deadLetters": rows})
    elif rows:
        seen = [{**row, "about": f"{row['seemsAbout']}, it seems"} if row["seemsAbout"] else row for row in rows]
        tables.by_queue(["number", "age", "reason", "replays", "about"], seen)
    else:
        typer.echo("no dead letters")
