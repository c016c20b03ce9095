"""`offboard dlq discard`: choose, show what would be removed, remove it."""

from functools import partial

import typer

from cli import exits
from cli.dlq import acting, opening, understanding
from cli.dlq.choosing import Selection
from cli.dlq.discarding import Discarding
from cli.dlq.opening import Site
from cli.dlq.results import Result, What
from cli.dlq.understanding import Understood
from shared.servicebus.dead_letter_queue import DeadLetterQueue


async def run(queue: str | None, selection: Selection, *, operator: str, because: str, yes: bool, as_json: bool) -> int:
    """Discard what was chosen, or show what would be; 1 if any failed or was not reached."""
    async with opening.opened(queue) as site:
        with exits.nothing_yet("nothing was removed"):
            chosen = await site.chosen(selection, as_json=as_json)
        if yes:
            return await acting.on_each(site, chosen, partial(_act, site, operator, because), as_json=as_json)
        code = acting.tell([_would(each) for each in chosen], as_json=as_json)
        if chosen and not as_json:
            typer.echo("nothing was done: give --yes to go ahead")
        return code


def _would(dead: Understood) -> Result:
    return Result(letter=dead.letter, what=What.WOULD_DISCARD, about=understanding.subject(dead))


def _act(site: Site, operator: str, because: str, queue: DeadLetterQueue) -> acting.Act:
    return Discarding(queue, site.journal, site.clock, operator=operator, because=because).discard
