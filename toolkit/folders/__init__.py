"""Many files at once: which there are, which have to be read, reading them side by side, and what is gone."""
