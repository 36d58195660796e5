"""mezoo: from raw micro-expression videos to honest leave-one-subject-out tables."""

__version__ = "0.1.0"
