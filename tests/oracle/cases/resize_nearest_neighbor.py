"""RESIZE_NEAREST_NEIGHBOR: every type, mode, direction; sizes of the field and odd ones."""
from single_op import const, op, options, q, tensor
import numpy as np

SIZES = [((1, 1), (7, 5)), ((33, 33), (65, 65)), ((65, 65), (33, 33)), ((5, 7), (5, 7)), ((4, 6), (1, 1)),
         ((3, 2), (2, 3)), ((9, 16), (36, 64)), ((13, 1), (5, 9)), ((2, 2), (100, 3))]
MODES = [(False, False), (True, False), (False, True), (True, True)]


def cases(r):
    for dtype in ('uint8', 'int8', 'int16', 'float32'):
        quantization = None if dtype == 'float32' else q(0.1, 3 if dtype != 'int16' else 0)
        for (h, w), (oh, ow) in SIZES + [(tuple(r.randint(1, 40, 2)), tuple(r.randint(1, 60, 2))) for _ in range(9)]:
            for aligned, centred in MODES:
                batch, channels = int(r.choice([1, 1, 2])), int(r.choice([1, 3, 8]))
                yield op('RESIZE_NEAREST_NEIGHBOR',
                         [tensor(dtype, (batch, int(h), int(w), channels), quantization), const(np.int32([oh, ow]))],
                         [tensor(dtype, (batch, int(oh), int(ow), channels), quantization)],
                         options('ResizeNearestNeighborOptions', alignCorners=aligned, halfPixelCenters=centred), version=4)
