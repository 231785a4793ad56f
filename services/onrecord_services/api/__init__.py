"""API: answers questions about what happened and what it means, to machines and, plainly, to people."""
