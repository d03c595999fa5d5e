"""RESHAPE: shapes from an input (constant or not) or from the options; -1, zeros, scalars, shapes that do not fit."""
from cases._shapes import MOVED, moved
from single_op import const, op, options, tensor
import numpy as np

SHAPES = [((2, 3, 4), (6, 4)), ((2, 3, 4), (-1,)), ((2, 3, 4), (4, -1, 2)), ((1, 1, 1, 1001), (1, 1001)), ((1,), ()),
          ((), (1, 1)), ((5, 0), (0, 7)), ((5, 0), (-1, 3)), ((0, 4), (0, -1)), ((2, 6), (3, 4, 1, 1)), ((4, 4), (3, -1)),
          ((4, 4), (2, 4)), ((4, 4), (-1, -1)), ((4, 4), (-2, -8)), ((4, 0), (2, 2)), ((6,), (1, 2, 1, 3, 1, 1, 1)), ((6,), (0,))]


def cases(r):
    for dtype in MOVED + ('float16',):
        for have, want in SHAPES:
            x, y = moved(dtype, have), moved(dtype, [max(d, 0) for d in want])
            yield op('RESHAPE', [x, const(np.int32(want))], [y], options('ReshapeOptions', newShape=list(want)))
            yield op('RESHAPE', [x], [y], options('ReshapeOptions', newShape=list(want)))
        yield op('RESHAPE', [moved(dtype, (4, 3)), tensor('int32', (2,), values=np.array([6, 2]))], [moved(dtype, (6, 2))])
        yield op('RESHAPE', [moved(dtype, (4, 3)), const(np.int32([[6, 2]]))], [moved(dtype, (6, 2))],
                 options('ReshapeOptions', newShape=[2, 6]))
