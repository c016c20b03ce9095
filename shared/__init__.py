"""The application package: unassigning leavers and retired devices from their Windows Autopilot records.

Read it in this order:

- domain: what unassigning means; identifiers, events, devices, the plan, guards and errors. Pure.
- messaging: what a message is and how it is settled; contract, recoverability, dead-letter reasons, outcome. Pure.
- ports: what the handlers need of the outside, as Protocols.
- unassigning: one device: read, compare, write the intent, post, write the result.
- leavers: who the leaver is, by all their names.
- keyed_locks: one at a time for each event and each device.
- message_log: the log lines about messages, in which nobody is named.
- handlers: one verb for each event.
- concluding: how a run of an event ends, once, and is answered from the record after that.
- processor: decode, handle, decide, report, settle; the only place that logs a failure.
- graph: Graph's URLs, paging, errors and throttling; nothing of Service Bus.
- servicebus: settling by lock token, delayed delivery, publishing outcomes; nothing of Graph.
- journal: the append-only record of every decision, and the small records that processes share; Azure Table Storage, SQLite.
- settings: the only reader of the environment.
- bootstrap: the wiring.
"""
