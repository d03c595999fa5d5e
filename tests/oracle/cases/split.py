"""SPLIT: types, axes, numbers of parts; uneven ones; an axis only known at run time."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, options, tensor
import numpy as np


def cases(r):
    for dtype in MOVED:
        for rank in (1, 2, 3, 4):
            for axis in range(-rank, rank):
                parts = int(r.choice([1, 2, 3, 4]))
                shape = list(shape_of(r, rank))
                shape[axis] = parts * int(r.randint(0, 4)) + (1 if r.rand() < 0.1 else 0)
                a = const(np.int32([axis]) if r.rand() < 0.5 else np.int32(axis))
                if r.rand() < 0.2:
                    a = tensor('int32', (1,), values=np.array([axis]))
                yield op('SPLIT', [a, moved(dtype, shape)], [moved(dtype, (1,)) for _ in range(parts)],
                         options('SplitOptions', numSplits=parts), version=4)
        yield op('SPLIT', [const(np.int32(2)), moved(dtype, (2, 2))], [moved(dtype, (1,))] * 2, options('SplitOptions', numSplits=2))
