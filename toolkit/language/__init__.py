"""Words, spellings and the English word lists that everything above works with."""
