"""SPACE_TO_BATCH_ND: types, one and two spatial dimensions, paddings with the zero point, blocks that do not divide."""
from cases._shapes import MOVED, moved
from single_op import const, op, tensor
import numpy as np


def given(r, values):
    values = np.int32(values)
    return tensor('int32', values.shape, values=values) if r.rand() < 0.15 else const(values)


def cases(r):
    for dtype in MOVED:
        for spatial in (1, 2):
            for _ in range(14):
                blocks = r.randint(1, 4, spatial)
                pads = r.randint(0, 4, (spatial, 2))
                whole = blocks * r.randint(1, 5, spatial) + (1 if r.rand() < 0.05 else 0)
                size = [max(int(d), 1) for d in whole - pads.sum(1)]
                if r.rand() < 0.9:
                    pads[:, 1] += -(pads.sum(1) + size) % blocks
                yield op('SPACE_TO_BATCH_ND', [moved(dtype, (int(r.randint(1, 3)), *size, int(r.randint(1, 5)))),
                                               given(r, blocks), given(r, pads)], [moved(dtype, [1] * (spatial + 2))], version=3)
        for rate in (2, 4):  # as DeepLab's old exports dilate
            yield op('SPACE_TO_BATCH_ND', [moved(dtype, (1, 9, 9, 4)), const(np.int32([rate, rate])),
                                           const(np.int32([[rate, rate + -(9 + 2 * rate) % rate]] * 2))],
                     [moved(dtype, [1] * 4)], version=3)
