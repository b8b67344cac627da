"""Versions of one article: which article takes whose place, and what became of what was cited."""
