"""Cases that the reductions share."""
from cases._shapes import shape_of
from single_op import const, op, options, tensor
import numpy as np


def axes_of(r, rank):
    """A few dimensions, negative ones and repeated ones among them."""
    count = int(r.randint(0, rank + 1))
    axes = [int(a) for a in r.choice(rank, count, replace=False)] if rank else []
    axes = [a - rank if r.rand() < 0.3 else a for a in axes]
    return axes + axes[:1] if r.rand() < 0.15 else axes


def reduction(r, name, x, y, axes, keep_dims, late=0.1, version=1):
    a = const(np.int32(axes))
    if axes and r.rand() < late:
        a = tensor('int32', (len(axes),), values=np.array(axes))
    return op(name, [x, a], [y], options('ReducerOptions', keepDims=keep_dims), version=version)


def plain(r, name, dtypes, values=None, quantization=lambda r, dtype: (None, None), rounds=6):
    """Every type, rank and keep_dims with drawn shapes and axes, empty inputs, the usual pools, wrong axes."""
    for dtype in dtypes:
        for rank in (0, 1, 2, 3, 4, 5):
            for keep_dims in (False, True):
                for _ in range(rounds if rank > 1 else 2):
                    shape = shape_of(r, rank)
                    qx, qy = quantization(r, dtype)
                    yield reduction(r, name, tensor(dtype, shape, qx, values), tensor(dtype, (1,), qy), axes_of(r, rank),
                                    keep_dims)
        for shape, axes in (((2, 7, 9, 5), [1, 2]), ((1, 33, 33, 8), [2, 1]), ((1, 5, 5, 300), [1, 2]), ((2, 5), [2]),
                            ((2, 5), [-3]), ((3, 4), [0, 1]), ((2, 50), [1])):
            for keep_dims in (False, True):
                qx, qy = quantization(r, dtype)
                yield reduction(r, name, tensor(dtype, shape, qx, values), tensor(dtype, (1,), qy), axes, keep_dims, 0)


def empty(r, name, dtypes, quantization=lambda r, dtype: (None, None)):
    for dtype in dtypes:
        for shape, axes in (((0, 3), [0]), ((3, 0), [0]), ((0, 3), [0, 1]), ((2, 0, 2), [1])):
            qx, qy = quantization(r, dtype)
            yield reduction(r, name, tensor(dtype, shape, qx), tensor(dtype, (1,), qy), axes, True, 0)
