"""SQUEEZE: all extents of 1, or those named; negative and repeated ones; ones that are not 1."""
from cases._shapes import MOVED, moved
from single_op import op, options

SHAPES = [((1, 1, 1, 5), []), ((1, 1, 1, 5), [1, 2]), ((1, 3, 1, 5), [-2]), ((1, 3, 1, 5), [0, 2, 0]), ((1, 1), []),
          ((3, 2), []), ((1, 0, 1), []), ((1, 3), [1]), ((1, 3), [2]), ((1, 3), [-3]), ((1,), [0]), ((), [])]


def cases(r):
    for dtype in MOVED + ('float16',):
        for have, dims in SHAPES:
            yield op('SQUEEZE', [moved(dtype, have)], [moved(dtype, (1,))], options('SqueezeOptions', squeezeDims=dims))
