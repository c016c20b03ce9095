import socket
import threading
import time
from collections.abc import Callable

import httpx
import pytest

from emulators.graph.emulator import GraphEmulator
from emulators.graph.faults import BATCH, UNASSIGN_USER, Delay, Hang, Reset, When
from emulators.graph.tenant import Device

Start = Callable[..., GraphEmulator]
DEVICES = "/deviceManagement/windowsAutopilotDeviceIdentities"
ADA = "ada@contoso.example"
PATIENCE = 0.5


def unassign(http: httpx.Client, graph: GraphEmulator, timeout: float = 20) -> httpx.Response:
    return http.post(f"{graph.endpoint}/v1.0{DEVICES}/d1/unassignUserFromDevice", timeout=timeout)


def user(graph: GraphEmulator, device: str = "d1") -> str | None:
    return graph.tenant.devices[device].user_principal_name


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


@pytest.fixture
def graph(start: Start) -> GraphEmulator:
    return start(Device(id="d1", user_principal_name=ADA), Device(id="d2", user_principal_name=ADA))


@pytest.mark.parametrize(("after", "left"), [(False, ADA), (True, "")], ids=["before", "after"])
def test_a_reset_comes_before_or_after_handling(
    graph: GraphEmulator, http: httpx.Client, after: bool, left: str
) -> None:
    graph.faults.add(When(path=UNASSIGN_USER), Reset(after_handling=after))

    with pytest.raises(httpx.ReadError, match="reset"):
        unassign(http, graph)

    assert user(graph) == left
    assert graph.calls[0].status is None


@pytest.mark.parametrize(("after", "left"), [(False, ADA), (True, "")], ids=["before", "after"])
def test_a_timeout_comes_before_or_after_handling(
    graph: GraphEmulator, http: httpx.Client, after: bool, left: str
) -> None:
    graph.faults.add(When(path=UNASSIGN_USER), Hang(after_handling=after))

    with pytest.raises(httpx.ReadTimeout):
        unassign(http, graph, timeout=PATIENCE)
    graph.faults.clear()  # nobody waits any more: what was released is not handled late

    assert http.get(f"{graph.endpoint}/v1.0{DEVICES}/d2").status_code == 200
    until(lambda: user(graph) == left)


def test_what_hangs_goes_on_when_it_is_released(graph: GraphEmulator, http: httpx.Client) -> None:
    hang = Hang()
    graph.faults.add(When(path=UNASSIGN_USER), hang)
    answers: list[int] = []
    waiting = threading.Thread(target=lambda: answers.append(unassign(http, graph).status_code))

    waiting.start()
    until(lambda: len(graph.calls) == 1)
    answered_early = bool(answers)
    hang.release()
    waiting.join(20)

    assert not answered_early
    assert answers == [204]


def test_a_delayed_answer_comes_late(graph: GraphEmulator, http: httpx.Client) -> None:
    graph.faults.add(When(path=UNASSIGN_USER), Delay(seconds=0.3))

    began = time.monotonic()
    status = unassign(http, graph).status_code

    assert status == 204
    assert time.monotonic() - began >= 0.3


def test_a_batch_item_that_hangs_holds_the_answer_but_not_the_others(graph: GraphEmulator, http: httpx.Client) -> None:
    graph.faults.add(When(path="/d1/", batch_item=True), Hang())
    urls = {key: f"{DEVICES}/{key}/unassignUserFromDevice" for key in ("d1", "d2")}
    items = [{"id": key, "method": "POST", "url": url} for key, url in urls.items()]

    with pytest.raises(httpx.ReadTimeout):
        http.post(f"{graph.endpoint}/v1.0/$batch", json={"requests": items}, timeout=PATIENCE)

    until(lambda: (user(graph, "d1"), user(graph, "d2")) == (ADA, ""))


@pytest.mark.parametrize(
    ("when", "after", "left"),
    [
        (When(path=BATCH), False, (ADA, ADA)),
        (When(path=BATCH), True, ("", "")),
        (When(path="/d1/"), False, (ADA, "")),
        (When(path="/d1/"), True, ("", "")),
    ],
    ids=["batch, before", "batch, after", "item, before", "item, after"],
)
def test_a_batch_is_lost_with_its_connection(
    graph: GraphEmulator, http: httpx.Client, when: When, after: bool, left: tuple[str, str]
) -> None:
    graph.faults.add(when, Reset(after_handling=after))
    urls = {key: f"{DEVICES}/{key}/unassignUserFromDevice" for key in ("d1", "d2")}
    items = [{"id": key, "method": "POST", "url": url} for key, url in urls.items()]

    with pytest.raises(httpx.ReadError, match="reset"):
        http.post(f"{graph.endpoint}/v1.0/$batch", json={"requests": items})

    assert (user(graph, "d1"), user(graph, "d2")) == left


def test_a_stop_resets_who_waits(graph: GraphEmulator, http: httpx.Client) -> None:
    graph.faults.add(When(), Hang())
    failures: list[type[Exception]] = []

    def ask() -> None:
        try:
            unassign(http, graph)
        except httpx.ReadError as error:
            failures.append(type(error))

    waiting = threading.Thread(target=ask)
    waiting.start()
    until(lambda: len(graph.calls) == 1)
    graph.stop()
    waiting.join(20)

    assert failures == [httpx.ReadError]


def test_who_hangs_up_in_the_middle_has_asked_nothing(graph: GraphEmulator, http: httpx.Client) -> None:
    head = f"POST /v1.0/$batch HTTP/1.1\r\nHost: 127.0.0.1:{graph.port}\r\nContent-Length: 99\r\n\r\n"
    with socket.create_connection(("127.0.0.1", graph.port)) as connection:
        connection.sendall(head.encode())
        connection.shutdown(socket.SHUT_WR)
        end = connection.recv(1000)

    assert end == b""
    assert list(graph.calls) == []
    assert unassign(http, graph).status_code == 204
