"""CUMSUM: types, axes, exclusive, reverse, integers that overflow, an axis only known at run time."""
from cases._shapes import shape_of
from single_op import const, op, options, tensor
import numpy as np


def cases(r):
    for dtype in ('float32', 'int32', 'int64'):
        for rank in (1, 2, 3, 4):
            for axis in range(-rank, rank):
                for flags in range(4):
                    a = const(np.int32([axis])) if r.rand() < 0.8 else tensor('int32', (1,), values=np.array([axis]))
                    values = (2**30, 2**31 - 2) if dtype == 'int32' and r.rand() < 0.3 else None
                    yield op('CUMSUM', [tensor(dtype, shape_of(r, rank), values=values), a], [tensor(dtype, (1,) * rank)],
                             options('CumsumOptions', exclusive=bool(flags & 1), reverse=bool(flags & 2)))
        for shape, axis in (((0, 3), 0), ((3, 0), 0), ((2, 3), 2), ((2, 3), -3)):
            yield op('CUMSUM', [tensor(dtype, shape), const(np.int32([axis]))], [tensor(dtype, shape)], options('CumsumOptions'))
