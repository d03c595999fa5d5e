"""MATRIX_DIAG: types, vectors and batches of them."""
from cases._shapes import moved, shape_of
from single_op import op


def cases(r):
    for dtype in ('float32', 'uint8', 'int8', 'int16', 'int32', 'int64'):
        for rank in (1, 2, 3, 4):
            for _ in range(4):
                yield op('MATRIX_DIAG', [moved(dtype, shape_of(r, rank))], [moved(dtype, [1] * (rank + 1))])
