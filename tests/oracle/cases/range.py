"""RANGE: three types, both directions, steps that do not divide or lead away, none, late values."""
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in ('float32', 'int32', 'int64'):
        for _ in range(60):
            start, limit = r.randint(-40, 40, 2)
            delta = r.choice([1, 2, 3, 7, 50]) * np.sign(limit - start or 1)
            values = [start, limit, delta]
            if r.rand() < 0.1:
                values[2] = -delta
            if r.rand() < 0.05:
                values[2] = 0
            if r.rand() < 0.1:
                values[1] = start
            if dtype == 'float32':
                values = [np.float32(v) * np.float32(0.1) for v in values]
            values = [np.array(v, dtype) for v in values]
            yield op('RANGE', [const(v) if r.rand() < 0.8 else tensor(dtype, (), values=v) for v in values],
                     [tensor(dtype, (1,))])
