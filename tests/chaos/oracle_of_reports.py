"""What must hold of the outcome events: one end for each event, the same each time, and true. Pure."""

from collections.abc import Iterator
from typing import Any

from shared.domain.history import Step
from shared.domain.report import Detail, Outcome
from tests.chaos.knowledge import Knowledge, Report
from tests.chaos.stories import REFUSED, Kind, Story


def not_one_outcome(known: Knowledge) -> Iterator[str]:
    """Each event ends once, and says the same however often that is published."""
    for message_id, versions in known.versions.items():
        if len(versions) > 1:
            yield f"{message_id} was published with {len(versions)} contents"
    for story in known.stories.values():
        ends = known.end(story)
        runs = [each.run for each in ends]
        if len(runs) > len(set(runs)) or (max(runs, default=0) and story.kind not in REFUSED):
            yield f"{story.event_id} ({story.kind}) ended {len(ends)} times, in the runs {runs}"
        wrong = [each.kind for each in ends if (each.kind == "failed") is not (story.kind in REFUSED)]
        if wrong:
            yield f"{story.event_id} ({story.kind}) ended as {wrong[0]}"
    for subject in known.reports.keys() - known.stories.keys():
        yield f"an outcome is about {subject}, which nobody sent"


def not_verified_once(known: Knowledge) -> Iterator[str]:
    """Each live run that completed is verified, once."""
    for story in known.stories.values():
        due = any(end.kind == "completed" for end in known.end(story)) and story.kind is not Kind.DRY_RUN
        looks = known.looks(story)
        if [each.kind for each in looks] != (["verified"] if due else []):
            yield f"{story.event_id} ({story.kind}) has the looks {[each.kind for each in looks]}"


def untrue(known: Knowledge) -> Iterator[str]:
    """Every report names the devices that it should, and says of each what is so."""
    for story in known.stories.values():
        for report in known.end(story):
            yield from (f"{story.event_id} ({story.kind}): {text}" for text in _left_out(story, report, known))
        for report in (*known.end(story), *known.looks(story)):
            for device, line in report.lines.items():
                if not _is_true(story, device, line, report, known):
                    said = f"{line['outcome']} ({line['detail']})"
                    yield f"{story.event_id} ({story.kind}), {report.kind}: {said} of {device} is not true"


def not_what_was_asked(known: Knowledge) -> Iterator[str]:
    """Every report, of the look too, gives back who asked, the ticket and the reason; of a body that cannot be read, none."""
    for story in known.stories.values():
        asked = dict.fromkeys(story.free_text) if story.kind is Kind.MALFORMED else dict(story.free_text)
        for report in (*known.end(story), *known.looks(story)):
            yield from (
                f"{story.event_id} ({story.kind}), {report.kind}: {name} is not what was sent"
                for name, value in asked.items()
                if report.data[name] != value
            )


def untrue_before(known: Knowledge) -> Iterator[str]:
    """Whom a report says that a device was assigned to had it by then; if it was unassigned, it was one of the event's."""
    for story in known.stories.values():
        for report in (*known.end(story), *known.looks(story)):
            for device, line in report.lines.items():
                name = (line["before"]["userPrincipalName"] or "").casefold()
                its_own = line["outcome"] != Outcome.UNASSIGNED or name in story.about
                if name not in known.named(device, report.handled_at) or not its_own:
                    yield f"{story.event_id} ({story.kind}), {report.kind}: {line['outcome']}, and {device} was not theirs before"


def _left_out(story: Story, report: Report, known: Knowledge) -> Iterator[str]:
    if report.kind != "completed":
        return
    for device in story.devices:
        given_away = any(each.by_administrator and each.at <= report.handled_at for each in known.changes[device])
        if device not in report.lines and not given_away:
            yield f"{device} is not in its report"
        accepted = [each for each in known.entries(story, device) if each.step is Step.ACCEPTED]
        by_the_run = [each for each in accepted if each.at <= report.handled_at]
        if by_the_run and report.lines.get(device, {}).get("outcome") != Outcome.UNASSIGNED:
            yield f"{device} was unassigned, and its report says otherwise"


def _is_true(story: Story, device: str, line: dict[str, Any], report: Report, known: Knowledge) -> bool:
    """What a line says, held against what the record named up to then."""
    named = known.named(device, report.handled_at)
    match line["outcome"]:
        case Outcome.UNASSIGNED:
            return _met(story, device, report, known)
        case Outcome.VERIFIED:
            return named[-1] not in story.about
        case Outcome.ALREADY_UNASSIGNED:
            entries = known.entries(story, device)
            return (
                "" in named
                and not any(each.step is Step.ACCEPTED for each in entries)
                and not _met(story, device, report, known)
            )
        case Outcome.ASSIGNED_TO_SOMEONE_ELSE:
            others = [name for name in named if name and name not in story.about]
            return bool(others) or line["detail"] == Detail.ASSIGNED_AFTER_THE_EVENT
        case Outcome.WOULD_UNASSIGN:
            return story.kind is Kind.DRY_RUN
        case _:
            return False


def _met(story: Story, device: str, report: Report, known: Knowledge) -> bool:
    """Whether a POST that met the event's own had been accepted by then, whatever the journal knows of it."""
    posts = [each for each in known.posts[device] if each.at <= report.handled_at]
    return any(each.user.casefold() in story.about for each in posts)
