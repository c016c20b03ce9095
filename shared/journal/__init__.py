"""journal: the append-only record of every decision; knows rows and durable files, nothing of Graph or Service Bus."""
