"""SCATTER_ND: types, lengths of the coordinates, repeated ones (they add up), ones out of range, late shapes."""
from cases._shapes import shape_of
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in ('float32', 'uint8', 'int8', 'int32', 'int64', 'bool'):
        for rank in (1, 2, 3, 4):
            for coordinates in range(1, rank + 1):
                for _ in range(3):
                    shape = shape_of(r, rank)
                    rows = shape_of(r, int(r.randint(1, 3)), 1, 6)
                    indices = r.randint(0, 1000, rows + (coordinates,)) % np.array(shape[:coordinates])
                    if r.rand() < 0.06:
                        indices.flat[0] = 99
                    s = const(np.int32(shape)) if r.rand() < 0.8 else tensor('int32', (rank,), values=np.array(shape))
                    yield op('SCATTER_ND', [const(indices.astype(np.int32)), tensor(dtype, rows + shape[coordinates:]), s],
                             [tensor(dtype, (1,))])
        yield op('SCATTER_ND', [const(np.int32([[0], [1]])), tensor(dtype, (3, 2)), const(np.int32([4, 2]))], [tensor(dtype, (1,))])
