"""Whatever a key holds, it stays one segment of a path or one quoted text of a filter, in the requests as a socket got them."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, unquote

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shared.domain.errors import UnassignmentError
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId, SerialNumber, UserObjectId, UserPrincipalName
from tests import builders
from tests.fuzz.asking import Asking
from tests.fuzz.lying import Asked, LyingGraph
from tests.scene import Scene

DEVICES = "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities"
NO_SUCH = b'device 404\n--\n\n--\n{"error": {"code": "ResourceNotFound"}}'
GUID = "6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11"
LONGER = [
    "..",
    "%2F",
    "''",
    "{+root}",
    "$select=id",
    "' or '1' eq '1",
    "x')&$filter=(",
    "//attacker.example",
    "http://a.example/",
    "％２Ｆ",
]
HARM = st.sampled_from([*"/\\%'\"?#&=+;:@$(){}|^~éא😀／x0-_", *LONGER])
TEXT = st.lists(HARM | st.text(max_size=3), min_size=1, max_size=6).map("".join)
WORD = st.lists(HARM, min_size=1, max_size=6).map("".join).map(lambda text: "".join(text.split()))
NAME = st.tuples(WORD, WORD).map(lambda parts: "@".join(part.replace("@", "") or "x" for part in parts))
LITERAL = re.compile(r"contains\(serialNumber,'((?:[^']|'')*)'\)")
WHERE = {
    "device": (f"{DEVICES}/", ""),
    "action": (f"{DEVICES}/", "/unassignUserFromDevice"),
    "resource": (f"{DEVICES.replace('v1.0', 'beta')}/", "/unassignResourceAccountFromDevice"),
    "deleted": ("/v1.0/directory/deletedItems/", "/graph.user"),
    "user": ("/v1.0/users/", ""),
}


QUICK = [Phase.explicit, Phase.reuse, Phase.generate]
"""Without shrinking, which would send thousands of requests: the harm is short enough to be read."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """A Graph that knows nothing, our adapters in front of it, and a loop that both live in."""

    runner: asyncio.Runner
    graph: LyingGraph
    asking: Asking

    def asked_of(self, *questions: Callable[[], Awaitable[object]]) -> list[Asked]:
        """The requests that these led to, whatever came of them."""

        async def all_of_them() -> list[object]:
            self.graph.asked.clear()
            self.asking.let_time_pass()
            return await asyncio.gather(*(question() for question in questions), return_exceptions=True)

        for result in self.runner.run(all_of_them()):
            if isinstance(result, BaseException) and not isinstance(result, UnassignmentError):
                raise result
        return list(self.graph.asked)


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with asyncio.Runner() as runner:
        graph = runner.run(LyingGraph().__aenter__())
        asking = Asking(graph)
        graph.say(NO_SUCH)
        yield Recorder(runner, graph, asking)
        runner.run(asking.__aexit__(None, None, None))
        runner.run(graph.__aexit__(None, None, None))


def target(asked: Asked, graph: LyingGraph) -> tuple[str, str]:
    """Path and query of a request that has one of each at most, and goes to this Graph."""
    method, sent, version = asked.line.split(" ")
    path, _, query = sent.partition("?")
    assert (method in {"GET", "POST"}, version) == (True, "HTTP/1.1")
    assert asked.headers["host"] == graph.endpoint.removeprefix("http://")
    assert sent.startswith("/")
    assert sent.isascii()
    assert "#" not in sent
    return path, query


def kind(asked: Asked) -> str:
    """Which of the three requests about one device it is."""
    if asked.line.startswith("GET "):
        return "device"
    return "resource" if asked.line.startswith("POST /beta/") else "action"


def segment(path: str, what: str) -> str:
    """The one segment between what stands before and after it."""
    before, after = WHERE[what]
    assert path.startswith(before)
    assert path.endswith(after)
    inside = path.removeprefix(before).removesuffix(after)
    assert "/" not in inside
    return unquote(inside)


@settings(max_examples=60, phases=QUICK)
@given(TEXT)
def test_a_device_id_stays_one_segment_of_what_is_sent(recorder: Recorder, value: str) -> None:
    device, devices = AutopilotDeviceId(value), recorder.asking.devices

    asked = recorder.asked_of(
        lambda: devices.get(device),
        lambda: devices.unassign(device, Action.UNASSIGN_USER),
        lambda: devices.unassign(device, Action.UNASSIGN_RESOURCE_ACCOUNT),
    )

    sendable = value.isprintable() and value not in {"", ".", ".."}
    assert sorted(map(kind, asked)) == (["action", "device", "resource"] if sendable else [])
    for each in asked:
        path, query = target(each, recorder.graph)
        assert (segment(path, kind(each)), query) == (value, "")


@settings(max_examples=40, phases=QUICK)
@given(st.lists(TEXT.filter(str.isprintable), min_size=6, max_size=6, unique=True))
def test_ids_in_a_batch_stay_one_segment_each(recorder: Recorder, values: list[str]) -> None:
    every = [AutopilotDeviceId(value) for value in values if value not in {"", ".", ".."}]
    devices = recorder.asking.devices

    asked = recorder.asked_of(*(lambda each=each: devices.get(each) for each in every))

    batches = [each for each in asked if each.line == "POST /v1.0/$batch HTTP/1.1"]
    urls = [item["url"] for batch in batches for item in json.loads(batch.body)["requests"]]
    assert len(every) < 5 or len(batches) == 1
    for url in urls:
        assert "?" not in url
        assert "#" not in url
    if batches:
        assert [segment(f"/v1.0{url}", "device") for url in urls] == list(every)


@settings(max_examples=80, phases=QUICK)
@given(TEXT)
def test_a_serial_number_stays_one_quoted_text_of_the_filter(recorder: Recorder, value: str) -> None:
    asked = recorder.asked_of(lambda: recorder.asking.devices.with_serial_number(SerialNumber(value)))

    for path, query in (target(each, recorder.graph) for each in asked):
        assert path == DEVICES
        if not query:  # Graph refused the filter: the whole list
            continue
        [(name, texts)] = parse_qs(query, strict_parsing=True).items()
        assert (name, len(texts)) == ("$filter", 1)
        literal = LITERAL.fullmatch(texts[0])
        assert literal, texts
        assert literal[1].replace("''", "'") in value


@settings(max_examples=60, phases=QUICK)
@given(TEXT)
def test_a_name_or_an_id_of_a_user_stays_one_segment(recorder: Recorder, value: str) -> None:
    users = recorder.asking.users

    asked = recorder.asked_of(lambda: users.by_name(UserPrincipalName(value)), lambda: users.by_id(UserObjectId(value)))

    for path, query in (target(each, recorder.graph) for each in asked):
        assert parse_qs(query, strict_parsing=True) == {"$select": ["id,userPrincipalName"]}
        if value.startswith("$"):
            assert unquote(path) == f"/v1.0/users('{value.replace("'", "''")}')"
            assert path.count("/") == 2
        else:
            assert segment(path, "user") == value
    assert len(asked) <= 1, "what is no object id was looked up as one"


KEYS = {
    "autopilotDeviceId": TEXT,
    "serialNumber": TEXT,
    "entraDeviceId": TEXT,
    "managedDeviceId": TEXT,
    "userPrincipalName": NAME,
    "previousUserPrincipalNames": NAME,
    "id": TEXT | st.just(GUID),
}


@pytest.mark.parametrize("key", KEYS)
@settings(max_examples=25, phases=QUICK)
@given(data=st.data())
def test_no_key_of_a_message_asks_for_more_than_it_may(recorder: Recorder, key: str, data: st.DataObject) -> None:
    value = data.draw(KEYS[key])
    scene = Scene()
    scene.tenant = replace(scene.tenant, devices=recorder.asking.devices, users=recorder.asking.users)
    processor = scene.another_process()
    of_user = key in {"userPrincipalName", "previousUserPrincipalNames", "id"}
    given_ = [value] if key == "previousUserPrincipalNames" else value
    names = {"id": GUID} if key == "previousUserPrincipalNames" else {}
    body = {"user": {**names, key: given_}} if of_user else {"device": {key: given_}}
    deliver = processor.user_offboarding if of_user else processor.device_retirement

    asked = recorder.asked_of(lambda: deliver(builders.Trigger(body=body)))

    for path, query in (target(each, recorder.graph) for each in asked):
        if path == DEVICES:
            assert not query or LITERAL.fullmatch(parse_qs(query, strict_parsing=True)["$filter"][0])
        elif path.startswith(DEVICES):
            assert (segment(path, "device"), query) == (value, "")
        elif path.startswith("/v1.0/directory"):
            assert (segment(path, "deleted"), query) == (GUID, "")
        else:
            assert parse_qs(query, strict_parsing=True) == {"$select": ["id,userPrincipalName"]}
            assert unquote(path) in {
                f"/v1.0/users/{value}",
                f"/v1.0/users/{GUID}",
                f"/v1.0/users('{value.replace("'", "''")}')",
            }
            assert path.count("/") <= 3
