"""BROADCAST_TO: types, repeated and added dimensions, both index types, shapes that do not fit."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in MOVED:
        for rank in (1, 2, 3, 4, 5, 6):
            for _ in range(6):
                out = np.array(shape_of(r, rank, 1, 5))
                have = out[int(r.randint(0, rank)):].copy()
                have[r.rand(len(have)) < 0.5] = 1
                if r.rand() < 0.05:
                    have[-1] += 1
                index = str(r.choice(['int32', 'int64']))
                s = const(out.astype(index))
                if r.rand() < 0.15:
                    s = tensor(index, (rank,), values=out)
                yield op('BROADCAST_TO', [moved(dtype, have.tolist()), s], [moved(dtype, [1] * rank)], version=2)
        yield op('BROADCAST_TO', [moved(dtype, ()), const(np.int32([2, 3]))], [moved(dtype, [1] * 2)], version=2)
        yield op('BROADCAST_TO', [moved(dtype, (2, 3)), const(np.int32([3]))], [moved(dtype, [1])], version=2)
