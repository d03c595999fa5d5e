"""PAD: types, ranks up to 5, amounts of both index types, the zero point as the frame, amounts only known at run time."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, tensor
import numpy as np


def padded(r, name, dtype, shape, amounts, extra=()):
    index = str(r.choice(['int32', 'int64']))
    p = const(np.array(amounts, index).reshape(-1, 2))
    if r.rand() < 0.15:
        p = tensor(index, (len(shape), 2), values=np.array(amounts))
    return op(name, [moved(dtype, shape), p, *extra], [moved(dtype, [1] * len(shape))], version=2)


def plain(r, name, extra=lambda dtype: ()):
    for dtype in MOVED:
        for rank in (1, 2, 3, 4, 5):
            for _ in range(4):
                amounts = r.randint(0, 4, (rank, 2)) * (r.rand(rank, 2) < 0.7)
                yield padded(r, name, dtype, shape_of(r, rank), amounts, extra(dtype))
        yield padded(r, name, dtype, (1, 5, 7, 3), [[0, 0], [1, 2], [3, 0], [0, 0]], extra(dtype))
        yield padded(r, name, dtype, (1, 6, 6, 8), [[0, 0], [0, 1], [0, 1], [0, 0]], extra(dtype))
        yield padded(r, name, dtype, (0, 3), [[1, 1], [0, 1]], extra(dtype))
        yield padded(r, name, dtype, (2, 3), [[1, -1], [0, 1]], extra(dtype))


def cases(r):
    yield from plain(r, 'PAD')
