"""Motion: optical flow between frames, and the features of facial regions made from it."""

from mezoo.motion.apex_stage import flow_apex_file
from mezoo.motion.backends import BACKENDS, Backend, get_backend, set_threads
from mezoo.motion.features_stage import features_file
from mezoo.motion.flow_stage import flow_pair_file
from mezoo.motion.mdmo_stage import mdmo_file
from mezoo.motion.onset_stage import flow_onset_file
from mezoo.motion.show import flow_files
from mezoo.motion.spot_images_stage import spot_images_file

__all__ = [
    "BACKENDS",
    "Backend",
    "features_file",
    "flow_apex_file",
    "flow_files",
    "flow_onset_file",
    "flow_pair_file",
    "get_backend",
    "mdmo_file",
    "set_threads",
    "spot_images_file",
]
