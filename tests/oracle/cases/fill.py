"""FILL: types, shapes of both index types (of no elements and of none at all), negative extents, late shapes."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in MOVED:
        for shape in [(), (0,), (3, 0), (2, -1)] + [shape_of(r, int(r.randint(1, 6))) for _ in range(10)]:
            index = str(r.choice(['int32', 'int64']))
            s = const(np.array(shape, index))
            if shape and r.rand() < 0.3:
                s = tensor(index, (len(shape),), values=np.array(shape))
            yield op('FILL', [s, moved(dtype, ())], [moved(dtype, (1,))], version=3)
