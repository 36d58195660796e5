"""Readers of the corpora: one file per corpus, from its native layout and coding file to a catalog."""
