"""Where llama-index and the toolkit meet: its documents, retrievers and indexes in, ours out."""
