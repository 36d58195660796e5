"""Spotting in a video of one's own: any container or folder of frames, with a page to look at the result."""
