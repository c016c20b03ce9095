"""servicebus: settling by lock token, delayed delivery, outcomes; knows azure-servicebus and its traps, nothing of Graph."""
