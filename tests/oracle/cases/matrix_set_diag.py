"""MATRIX_SET_DIAG: types, matrices that are square and not, batches of them."""
from cases._shapes import moved, shape_of
from single_op import op


def cases(r):
    for dtype in ('float32', 'uint8', 'int8', 'int16', 'int32', 'int64'):
        for rank in (2, 3, 4):
            for _ in range(6):
                shape = shape_of(r, rank)
                yield op('MATRIX_SET_DIAG', [moved(dtype, shape), moved(dtype, shape[:-2] + (min(shape[-2:]),))],
                         [moved(dtype, shape)])
