"""GATHER_ND: types, ranks, lengths of the coordinates (none too), three index types; coordinates out of range."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in MOVED + ('float16',):
        for rank in (1, 2, 3, 4):
            for coordinates in range(0, rank + 2):
                shape = shape_of(r, rank)
                rows = shape_of(r, int(r.randint(0, 3)), 1, 5)
                bounds = (shape + (2,))[:coordinates]
                index = str(r.choice(['int16', 'int32', 'int64']))
                indices = np.array(r.randint(0, 1000, rows + (coordinates,)) % np.array(bounds + (1,))[:coordinates], index)
                if r.rand() < 0.06 and indices.size:
                    indices.flat[0] = r.choice([-1, 99])
                x = const(indices) if r.rand() < 0.5 and indices.size else tensor(index, indices.shape, values=indices)
                yield op('GATHER_ND', [moved(dtype, shape), x], [moved(dtype, (1,))], version=3)
