"""BROADCAST_ARGS: both index types, shapes of several ranks, constant and not."""
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in ('int32', 'int64'):
        for first in range(1, 7):
            for second in range(1, 7):
                whole = r.randint(1, 9, max(first, second))
                a, b = whole[-first:].copy(), whole[-second:].copy()
                a[r.rand(first) < 0.4] = 1
                b[r.rand(second) < 0.4] = 1
                other = const(b.astype(dtype)) if r.rand() < 0.3 else tensor(dtype, b.shape, values=b)
                inputs = [tensor(dtype, a.shape, values=a), other]
                yield op('BROADCAST_ARGS', inputs, [tensor(dtype, (max(first, second),))])
