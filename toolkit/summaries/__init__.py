"""What :mod:`toolkit.summarize` is made of: which articles are told, which sentences, at what length."""
