"""The application package: unassigning leavers and retired devices from their Windows Autopilot records.

Read it in this order:

- domain: what unassigning means; identifiers, events, devices, the plan, guards and errors. Pure.
- messaging: what a message is and how it is settled; contract, recoverability, dead-letter reasons, outcome. Pure.
- ports: what the handlers need of the outside, as Protocols.
- journal_ports: what is asked of the journal beside that, for operators and for the clean-up.
- keyed_locks: one at a time for each event and each device.
- message_log: the log lines about messages, in which nobody is named.
- telemetry: the metrics and spans, by name, in which nobody is named.
- blast_radius: how many devices may be unassigned in an hour, over all processes.
- cleaning: removing from the journal what is older than it is to be kept.
- recording: what an attempt writes into the journal about its devices.
- leavers: who the leaver is, by all their names.
- resolving: from an event to its devices, and whether they may be touched at all.
- comparing: one device: read its record, and say what is to become of it.
- guarding: what the guards say of one device before its POST.
- unassigning: one device: read, compare, write the intent, post, write the result.
- looking: one device: read it back, and say what it shows.
- handlers: one verb for each event, and one that verifies what they did.
- undoing: the former users of an event's devices assigned again.
- progress: how far one delivery has come.
- concluding: how a run of an event ends, once, and is answered from the record after that.
- following_up: the message that will verify a run, made durable before the run ends.
- running: one attempt of one run of an event, from its message to its conclusion.
- verifying: one look at what a run did, some time after.
- processor: decode, handle, decide, report, settle; the only place that logs a failure.
- heartbeat: that the functions run, and how long messages have lain in their queues.
- graph: Graph's URLs, paging, errors and throttling; nothing of Service Bus.
- servicebus: settling by lock token, delayed delivery, publishing outcomes; nothing of Graph.
- journal: the append-only record of every decision, and the small records that processes share; Azure Table Storage, SQLite.
- mapping_file: the rules, in YAML, by which messages of other shapes become events.
- settings: the only reader of the environment.
- configuration: the settings of a start, checked by the adapters that they are for.
- assembly: the application put together over its ports.
- bootstrap: the adapters, by the settings, and the application over them.
- start: what the triggers call; it loads all the rest when the first message comes.
"""
