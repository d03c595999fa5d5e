"""DYNAMIC_UPDATE_SLICE: types, ranks, starts of both index types (beyond the ends too), empty and whole updates."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in MOVED:
        for rank in (1, 2, 3, 4, 5):
            for _ in range(5):
                shape = shape_of(r, rank)
                update = [int(r.randint(0 if r.rand() < 0.05 else 1, d + 1)) for d in shape]
                start = r.randint(-2, 6, rank)
                index = str(r.choice(['int32', 'int64']))
                s = const(start.astype(index)) if r.rand() < 0.5 else tensor(index, (rank,), values=start)
                yield op('DYNAMIC_UPDATE_SLICE', [moved(dtype, shape), moved(dtype, update), s], [moved(dtype, shape)])
        yield op('DYNAMIC_UPDATE_SLICE', [moved(dtype, (2, 3)), moved(dtype, (2, 4)), const(np.int32([0, 0]))],
                 [moved(dtype, (2, 3))])
