import asyncio
import json
import sys
from pathlib import Path

import pytest

from devhost import errors, protos
from devhost.worker import Worker

APP = """
import azure.functions as func

app = func.FunctionApp()
seen = []


@app.service_bus_queue_trigger(arg_name="message", queue_name="q", connection="Bus", auto_complete_messages=False)
async def {name}(message: func.ServiceBusMessage, context: func.Context) -> None:
    seen.append((message.get_body(), message.message_id, context.trace_context.trace_parent, context.invocation_id))
    if message.get_body() == b"boom":
        raise ValueError("poison")
"""


def app(folder: Path, source: str) -> Path:
    (folder / "function_app.py").write_text(source, encoding="utf-8")
    return folder


async def invoke(worker: Worker, body: bytes) -> tuple[bool, str, str]:
    result = await worker.invoke(
        worker.functions[0],
        invocation_id="i1",
        argument=("message", protos.TypedData(bytes=body)),
        trigger_metadata={"MessageId": protos.text("m1"), "UserProperties": protos.as_json({})},
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    return result.succeeded, result.error_type, result.error_text


async def test_functions_are_listed_with_their_bindings(tmp_path: Path) -> None:
    worker = await Worker.load(app(tmp_path, APP.format(name="one")))

    (function,) = worker.functions
    await worker.unload()

    assert function.name == "one"
    assert json.loads(function.raw_bindings[0])["type"] == "serviceBusTrigger"


async def test_a_function_gets_the_message_and_the_context(tmp_path: Path) -> None:
    worker = await Worker.load(app(tmp_path, APP.format(name="one")))
    seen = sys.modules["function_app"].__dict__["seen"]
    outcome = await invoke(worker, b"hello")
    await worker.unload()

    assert outcome == (True, "", "")
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert seen == [(b"hello", "m1", traceparent, "i1")]


async def test_what_a_function_raises_is_the_result(tmp_path: Path) -> None:
    worker = await Worker.load(app(tmp_path, APP.format(name="one")))

    outcome = await invoke(worker, b"boom")
    await worker.unload()

    assert outcome == (False, "ValueError", "ValueError: poison")


async def test_after_one_app_another_can_be_loaded(tmp_path: Path) -> None:
    names = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        worker = await Worker.load(app(folder, APP.format(name=name)))
        names.append([function.name for function in worker.functions])
        await worker.unload()

    assert names == [["one"], ["two"]]


@pytest.mark.parametrize(
    ("source", "error_type", "text"),
    [
        pytest.param(
            "raise ValueError('2 problems:\\n- A\\n- B')", "ValueError", "2 problems:\n- A\n- B", id="settings"
        ),
        pytest.param("import nonesuch", "ModuleNotFoundError", "No module named 'nonesuch'", id="a missing module"),
        pytest.param("raise KeyError", "KeyError", "KeyError", id="no text"),
    ],
)
async def test_an_app_that_cannot_be_loaded_says_so_in_its_own_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], source: str, error_type: str, text: str
) -> None:
    with pytest.raises(errors.WorkerFailed) as raised:
        await Worker.load(app(tmp_path, source))

    assert (str(raised.value), raised.value.error_type) == (text, error_type)
    assert "function_app.py" in raised.value.stack_trace
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        pytest.param("import azure.functions as f\napp = f.FunctionApp()\n", "defines no functions", id="no function"),
        pytest.param("x = 1", "Could not find top level function app", id="no app"),
        pytest.param(
            APP.format(name="one").replace("context: func.Context", "other: str"), "other", id="a parameter too many"
        ),
    ],
)
async def test_an_app_without_usable_functions_is_refused(tmp_path: Path, source: str, says: str) -> None:
    with pytest.raises(errors.WorkerFailed, match=says):
        await Worker.load(app(tmp_path, source))


async def test_a_folder_without_an_app_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.WorkerFailed, match=r"there is no function_app\.py"):
        await Worker.load(tmp_path)


BLOCKING_APP = (
    APP.split("@app", maxsplit=1)[0]
    + """
import threading
started, go = threading.Event(), threading.Event()


@app.service_bus_queue_trigger(arg_name="message", queue_name="q", connection="Bus")
def blocks(message: func.ServiceBusMessage) -> None:
    started.set()
    go.wait()
"""
)


async def test_a_thread_that_does_not_end_does_not_hold_up_the_unloading(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    worker = await Worker.load(app(tmp_path, BLOCKING_APP))
    function_app = sys.modules["function_app"].__dict__
    running = asyncio.create_task(invoke(worker, b"hello"))
    await asyncio.to_thread(function_app["started"].wait)

    await worker.unload()

    assert [record.message for record in caplog.records] == ["worker.thread_still_running"]
    function_app["go"].set()
    assert await running == (True, "", "")
