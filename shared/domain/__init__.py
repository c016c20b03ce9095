"""domain: what unassigning means. Knows users, devices and decisions; nothing of messages, Graph or Service Bus."""
