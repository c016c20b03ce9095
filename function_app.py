"""The triggers, one line each into the service. A bad setting stops the start here, before any message is taken."""

import azure.functions as func

from shared import start

app = func.FunctionApp()
processor = start.service()


@app.service_bus_queue_trigger(
    arg_name="message",
    queue_name="%USER_OFFBOARDING_QUEUE%",
    connection="ServiceBusConnection",
    data_type=func.DataType.BINARY,  # else the host reads the body as text first, and mends what is none
    cardinality=func.Cardinality.ONE,
    auto_complete_messages=False,
)
async def user_offboarding(message: func.ServiceBusMessage) -> None:
    """Somebody left: unassign them from all their Autopilot devices."""
    await processor.user_offboarding(message)


@app.service_bus_queue_trigger(
    arg_name="message",
    queue_name="%DEVICE_RETIREMENT_QUEUE%",
    connection="ServiceBusConnection",
    data_type=func.DataType.BINARY,  # else the host reads the body as text first, and mends what is none
    cardinality=func.Cardinality.ONE,
    auto_complete_messages=False,
)
async def device_retirement(message: func.ServiceBusMessage) -> None:
    """A device was retired: unassign its user, its resource account, or both."""
    await processor.device_retirement(message)


@app.service_bus_queue_trigger(
    arg_name="message",
    queue_name="%VERIFICATION_QUEUE%",
    connection="ServiceBusConnection",
    data_type=func.DataType.BINARY,  # as above
    cardinality=func.Cardinality.ONE,
    auto_complete_messages=False,
)
async def verification(message: func.ServiceBusMessage) -> None:
    """Some time after: read back what an event unassigned."""
    await processor.verification(message)


@app.timer_trigger(arg_name="timer", schedule="0 */5 * * * *", use_monitor=False)
async def heartbeat(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the worker goes by the name
    """Tell that the functions run, and how long the oldest messages have lain in their queues."""
    await processor.heartbeat()
