"""Commands: one file a group of `onrecord` commands."""
