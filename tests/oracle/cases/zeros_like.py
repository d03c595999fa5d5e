"""ZEROS_LIKE: every type."""
from cases import _elementwise as e
from single_op import op, options, tensor


def cases(r):
    for dtype in ('float32', 'int32', 'int64'):
        for shape in e.SHAPES:
            yield op('ZEROS_LIKE', [tensor(dtype, shape)], [tensor(dtype, shape)], options('ZerosLikeOptions'))
