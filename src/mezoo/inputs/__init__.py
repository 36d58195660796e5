"""What networks read: the annotated expressions of a corpus as arrays, one kind of input per file.

Between cached artifacts and a network stands one question: which numbers of which frames does it see? Each file
here answers it for one kind of input, as a function of one expression (`clip.Clip`); the stage ``pack``
(`pack_stage`) applies it to all expressions of a subject and writes one memory-mapped file, which all folds
and all recipes share. No label is read here but the coded frames. Nothing here needs torch, and the Snakefile reads the
registry, so that nothing slow may be imported at the top of a file.
"""

from mezoo.inputs.registry import ClipInput, Request, clip_input, input_names, request

__all__ = ["ClipInput", "Request", "clip_input", "input_names", "request"]
