"""TILE: types, ranks, multiples of both index types (0 and 1 too), ones only known at run time."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in MOVED:
        for rank in (1, 2, 3, 4, 5):
            for _ in range(5):
                multiples = r.randint(0 if r.rand() < 0.1 else 1, 4, rank)
                index = str(r.choice(['int32', 'int64']))
                m = const(multiples.astype(index))
                if r.rand() < 0.15:
                    m = tensor(index, (rank,), values=multiples)
                yield op('TILE', [moved(dtype, shape_of(r, rank, 1, 5)), m], [moved(dtype, [1] * rank)])
        yield op('TILE', [moved(dtype, (2, 3)), const(np.int32([2]))], [moved(dtype, (1, 1))])
        yield op('TILE', [moved(dtype, (2, 3)), const(np.int32([2, -1]))], [moved(dtype, (1, 1))])
