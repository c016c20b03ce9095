"""An emulated Azure Service Bus: the broker as pure state, the AMQP 1.0 wire over it, and the server that hosts both.

Read message, agenda, locks, queue (one queue), topic, broker (the namespace); then sections, codec (bytes to messages and
back), management, links, wire (AMQP); then server, which is what others use, with faults and trace to script and read it.
"""
