"""Motion magnification: small movements of a clip made larger, by one of several methods."""
