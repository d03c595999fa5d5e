"""GATHER: types, axes, shapes of indices (scalars too), three index types, batch_dims; indices out of range."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, options, tensor
import numpy as np


def gather(dtype, shape, indices, axis, batch_dims=0, late=False):
    x = tensor(indices.dtype.name, indices.shape, values=indices) if late else const(indices)
    return op('GATHER', [moved(dtype, shape), x], [moved(dtype, (1,))], options('GatherOptions', axis=axis, batchDims=batch_dims),
              version=5)


def cases(r):
    for dtype in MOVED + ('float16',):
        for rank in (1, 2, 3, 4):
            for axis in range(-rank, rank):
                shape = shape_of(r, rank)
                index = r.choice(['int16', 'int32', 'int64'])
                indices = np.array(r.randint(0, shape[axis], shape_of(r, int(r.randint(0, 4)), 1, 4)), index)
                yield gather(dtype, shape, indices, axis, late=r.rand() < 0.5)
        for _ in range(10):
            rank = int(r.randint(2, 5))
            shape = shape_of(r, rank)
            batch_dims = int(r.randint(1, rank))
            axis = int(r.randint(batch_dims, rank))
            indices = r.randint(0, shape[axis], shape[:batch_dims] + shape_of(r, int(r.randint(0, 3)), 1, 4))
            negative = batch_dims - indices.ndim
            yield gather(dtype, shape, indices.astype(np.int32), axis,
                         negative if negative < 0 and r.rand() < 0.3 else batch_dims, late=r.rand() < 0.5)
        yield gather(dtype, (3, 4), np.int32([0, 3]), 0)
        yield gather(dtype, (3, 4), np.int32([0, -1]), 1, late=True)
        yield gather(dtype, (3, 4), np.int32([0, 1]), 2)
        yield gather(dtype, (3, 4), np.zeros((0,), np.int32), 0, late=True)
        yield gather(dtype, (3, 4), np.zeros((2, 2), np.int32), 1, 1)
