"""What it means: rulebooks, calendars, pure evaluation and the read models."""
