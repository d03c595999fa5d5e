"""ATAN2: both types."""
from cases import _elementwise as e
from single_op import op, options, tensor


def cases(r):
    for dtype in ('float32', 'float64'):
        for shape in e.SHAPES:
            yield op('ATAN2', [tensor(dtype, shape), tensor(dtype, shape)], [tensor(dtype, shape)], options('ATan2Options'))
