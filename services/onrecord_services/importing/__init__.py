"""Import: a file of another system, read record by record, mapped to events, sent through intake."""
