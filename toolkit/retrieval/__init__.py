"""What :mod:`toolkit.retrieve` is made of: queries, filters, fusion, reranking and their explanation."""
