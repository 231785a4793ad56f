"""Intake: what other services saw comes in, events come out."""
