"""NON_MAX_SUPPRESSION_V5: as V4, with sigmas."""
from cases.non_max_suppression_v4 import boxes_cases


def cases(r):
    return boxes_cases(r, True)
