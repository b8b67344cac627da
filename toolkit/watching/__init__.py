"""What :mod:`toolkit.watch` is made of: what was known, and what became of it."""
