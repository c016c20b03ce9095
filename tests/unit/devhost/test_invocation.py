from pathlib import Path

import proton
from azure.servicebus import ServiceBusReceivedMessage

from devhost import bindings
from devhost.invocation import Invoker
from devhost.worker import Worker

APP = """
import azure.functions as func

app = func.FunctionApp()


@app.service_bus_queue_trigger(arg_name="message", queue_name="q", connection="Bus", data_type="binary")
async def one(message: func.ServiceBusMessage, context: func.Context) -> None:
    version, trace, span, flags = context.trace_context.trace_parent.split("-")
    facts = [version, len(trace), len(span), flags, message.get_body(), message.message_id, message.delivery_count]
    raise LookupError(facts)
"""


async def invoke(folder: Path, message: proton.Message) -> str:
    """The text that the function, or the host, fails with."""
    (folder / "function_app.py").write_text(APP, encoding="utf-8")
    worker = await Worker.load(folder)
    triggers, _ = bindings.queue_triggers(worker.functions, {})
    try:
        result = await Invoker(worker, triggers[0])(ServiceBusReceivedMessage.from_bytes(bytes(message.encode())))
    finally:
        await worker.unload()
    assert not result.succeeded
    return result.error_text


async def test_a_function_gets_body_metadata_and_a_trace_of_its_own(tmp_path: Path) -> None:
    text = await invoke(tmp_path, proton.Message(body=b"\xff", id="m1", inferred=True))

    assert text == "LookupError: ['00', 32, 16, '01', b'\\xff', 'm1', 1]"


async def test_a_body_that_cannot_be_bound_fails_the_invocation_before_the_function(tmp_path: Path) -> None:
    text = await invoke(tmp_path, proton.Message(body=7))

    assert text == "BodyNotBindable: a body of type value cannot be handed to a function"
