"""What must hold of the devices: nobody else's is touched, nothing is done twice, and in the end each is as it should be. Pure."""

from collections.abc import Iterator
from datetime import datetime

from shared.domain.history import Step
from tests.chaos.knowledge import Knowledge
from tests.chaos.stories import NOBODY, Story
from tests.chaos.tenant import Post


def wrongly_touched(known: Knowledge) -> Iterator[str]:
    for post in known.evidence.posts:
        if not any(_may(story, post, known) for story in _about(post, known)):
            yield f"a POST on {post.device} at {post.at:%H:%M:%S.%f} met somebody whom no event was about then"


def _about(post: Post, known: Knowledge) -> list[Story]:
    return [story for story in known.stories.values() if post.device in story.devices]


def _may(story: Story, post: Post, known: Knowledge) -> bool:
    """Whether an event allows a POST: it acts, names the device and its user, has been sent, and has taken effect."""
    tried = [at for id_, at in known.evidence.tried_at.items() if id_.startswith(story.event_id)]
    effective = story.not_before(known.evidence.begun)
    in_time = bool(tried) and min(tried) <= post.at and (effective is None or effective <= post.at)
    return story.acts and in_time and post.user.casefold() in story.about


def doubled(known: Knowledge) -> Iterator[str]:
    for story in known.stories.values():
        for device in story.devices:
            cleared = [
                each
                for each in known.changes[device]
                if each.user == NOBODY and not each.by_administrator and each.before.casefold() in story.about
            ]
            if len(cleared) > 1:
                yield f"{device} was cleared {len(cleared)} times for {story.event_id} ({story.kind})"


def blindly_repeated(known: Knowledge) -> Iterator[str]:
    """A delivery that began when it was on record that Graph had accepted a POST posts again a moment later.

    One that was under way already when that was written cannot know: two messages of an event may meet in two hosts.
    """
    for story, device, accepted, again in repeats(known):
        if not any(each.spans(accepted, again) for each in known.deliveries[story.event_id]):
            yield f"{device} was posted to again for {story.event_id} within VERIFY_AFTER"


def repeats(known: Knowledge) -> Iterator[tuple[Story, str, datetime, datetime]]:
    """Every intent to post to a device that came within VERIFY_AFTER of an acceptance on record: both moments."""
    for story in known.stories.values():
        for device in story.devices:
            accepted = None
            for entry in known.entries(story, device):
                again = entry.step is Step.INTENT and accepted is not None
                if again and accepted is not None and entry.at - accepted < known.evidence.verify_after:
                    yield story, device, accepted, entry.at
                if entry.step is Step.ACCEPTED:
                    accepted = entry.at


def posted_more_than_intended(known: Knowledge) -> Iterator[str]:
    """Each POST that Graph accepted has an intent of its own: one that is sent twice has one for both."""
    for device, posts in known.posts.items():
        stories = [story for story in known.stories.values() if device in story.devices]
        intents = [each for story in stories for each in known.entries(story, device) if each.step is Step.INTENT]
        if len(posts) > len(intents):
            yield f"{device} was posted to {len(posts)} times, with {len(intents)} intents on record"


def posted_without_intent(known: Knowledge) -> Iterator[str]:
    for post in known.evidence.posts:
        intents = [
            entry
            for story in _about(post, known)
            for entry in known.entries(story, post.device)
            if entry.step is Step.INTENT and entry.at <= post.at
        ]
        if not any((each.device.user_principal_name or "").casefold() == post.user.casefold() for each in intents):
            yield f"a POST on {post.device} has no intent on record that names whom it met"


def not_as_it_should_be(known: Knowledge) -> Iterator[str]:
    """The devices of an event that acts are clear, or name whom the administrator gave them to; all others are as before."""
    expected = dict(known.evidence.before)
    for story in known.stories.values():
        if story.acts:
            expected |= dict.fromkeys(story.devices, NOBODY)
    expected |= {each.device: each.user for each in known.evidence.changes if each.by_administrator}
    for device, user in expected.items():
        if known.evidence.after[device] != user:
            found, wanted = ("somebody" if name else "nobody" for name in (known.evidence.after[device], user))
            yield f"{device} names {found}, and should name {wanted}"
