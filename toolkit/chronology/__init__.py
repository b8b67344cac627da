"""What :mod:`toolkit.timeline` is made of: tellings of events, and which of them are one event."""
