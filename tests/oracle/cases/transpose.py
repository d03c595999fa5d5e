"""TRANSPOSE: types, ranks up to 6, all orders of small ranks, negative dimensions, orders only known at run time."""
import itertools

from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, tensor
import numpy as np


def transpose(r, dtype, shape, order):
    order = [k - len(shape) if r.rand() < 0.1 else k for k in order]
    p = const(np.int32(order))
    if r.rand() < 0.1:
        p = tensor('int32', (len(order),), values=np.array(order))
    return op('TRANSPOSE', [moved(dtype, shape), p], [moved(dtype, [1] * len(shape))], version=4)


def cases(r):
    for dtype in MOVED:
        for rank in (1, 2, 3, 4):
            for order in itertools.permutations(range(rank)):
                yield transpose(r, dtype, shape_of(r, rank), order)
        for rank in (5, 6):
            for _ in range(5):
                yield transpose(r, dtype, shape_of(r, rank, 1, 5), r.permutation(rank))
        yield transpose(r, dtype, (3, 0, 2), (2, 0, 1))
        yield transpose(r, dtype, (3, 2), (0, 2))
        yield transpose(r, dtype, (3, 2), (0, 1, 2))
        yield transpose(r, dtype, (1, 17, 33, 5), (0, 3, 1, 2))
