"""REVERSE_V2: types, ranks, neighbouring axes (LiteRT refuses others), negative ones, axes only known at run time."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in MOVED + ('float16',):
        for rank in (1, 2, 3, 4, 5):
            for _ in range(5):
                first = int(r.randint(0, rank))
                axes = np.arange(first, int(r.randint(first + 1, rank + 1)))
                axes = np.where(r.rand(len(axes)) < 0.3, axes - rank, axes)[r.permutation(len(axes))]
                a = const(np.int32(axes)) if r.rand() < 0.8 else tensor('int32', axes.shape, values=axes)
                yield op('REVERSE_V2', [moved(dtype, shape_of(r, rank, 0 if r.rand() < 0.05 else 1)), a],
                         [moved(dtype, [1] * rank)], version=3)
        yield op('REVERSE_V2', [moved(dtype, (2, 3)), const(np.int32([2]))], [moved(dtype, (1, 1))], version=3)
        yield op('REVERSE_V2', [moved(dtype, (2, 3)), const(np.int32([1, 1]))], [moved(dtype, (1, 1))], version=3)
