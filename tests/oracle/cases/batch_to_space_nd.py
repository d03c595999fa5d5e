"""BATCH_TO_SPACE_ND: types, one and two spatial dimensions, crops, batches that do not divide."""
from cases._shapes import MOVED, moved
from cases.space_to_batch_nd import given
from single_op import op
import numpy as np


def cases(r):
    for dtype in MOVED:
        for spatial in (1, 2):
            for _ in range(16):
                blocks = r.randint(1, 4, spatial)
                size = r.randint(1, 5, spatial)
                crops = np.stack([r.randint(0, b * s // 2 + 1) for b, s in zip(np.repeat(blocks, 2), np.repeat(size, 2))])
                batch = int(np.prod(blocks) * r.randint(1, 3) + (1 if r.rand() < 0.05 else 0))
                yield op('BATCH_TO_SPACE_ND', [moved(dtype, (batch, *size.tolist(), int(r.randint(1, 5)))), given(r, blocks),
                                               given(r, crops.reshape(spatial, 2))], [moved(dtype, [1] * (spatial + 2))], version=3)
