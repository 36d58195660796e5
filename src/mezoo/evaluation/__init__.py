"""Metrics of spotting and recognition, their intervals of confidence, and what chance alone would score.

Arrays in, arrays out; nothing here knows of networks, folds or files, except `score_files`, which reads
CSV.
"""
