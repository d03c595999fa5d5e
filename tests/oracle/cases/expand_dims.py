"""EXPAND_DIMS: types, ranks, places, both index types, a place only known at run time."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in MOVED + ('float16',):
        for rank in (0, 1, 2, 3, 4):
            for axis in range(-rank - 2, rank + 2):
                index = str(r.choice(['int32', 'int64']))
                a = const(np.array([axis], index) if r.rand() < 0.5 else np.array(axis, index))
                if r.rand() < 0.2:
                    a = tensor(index, (1,), values=np.array([axis]))
                yield op('EXPAND_DIMS', [moved(dtype, shape_of(r, rank, 0 if r.rand() < 0.1 else 1)), a],
                         [moved(dtype, (1,))])
