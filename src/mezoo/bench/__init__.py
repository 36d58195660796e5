"""Benchmarks: speed, memory, disk and accuracy of flow and preprocessing, beside OpenCV's TV-L1 in the same run."""
