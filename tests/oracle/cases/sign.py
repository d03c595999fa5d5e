"""SIGN: every type."""
from cases import _elementwise as e
from single_op import op, options, tensor


def cases(r):
    for dtype in ('float32', 'float64', 'int32'):
        for shape in e.SHAPES:
            yield op('SIGN', [tensor(dtype, shape, values=(-2, 2))], [tensor(dtype, shape)], options('SignOptions'), version=2)
