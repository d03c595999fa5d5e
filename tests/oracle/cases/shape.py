"""SHAPE: both index types, scalars and empty tensors."""
from cases._shapes import MOVED, moved, shape_of
from single_op import op, options, tensor


def cases(r):
    for dtype in MOVED:
        for index, number in (('int32', 2), ('int64', 4)):
            for rank in (0, 1, 2, 3, 4, 5):
                yield op('SHAPE', [moved(dtype, shape_of(r, rank, 0))], [tensor(index, (1,))], options('ShapeOptions', outType=number))
        yield op('SHAPE', [moved(dtype, (2, 3))], [tensor('float32', (1,))], options('ShapeOptions', outType=0))
