"""SPLIT_V: types, sizes of both index types, -1 for the rest, empty parts, sizes that do not fit, late sizes."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, options, tensor
import numpy as np


def cases(r):
    for dtype in MOVED[:-1]:
        for rank in (1, 2, 3, 4):
            for axis in range(-rank, rank):
                sizes = [int(s) for s in r.randint(0, 4, r.choice([1, 2, 3, 5]))]
                shape = list(shape_of(r, rank))
                shape[axis] = sum(sizes)
                given = list(sizes)
                if r.rand() < 0.4:
                    given[int(r.randint(len(given)))] = -1
                if r.rand() < 0.15:
                    given[0] += 1
                if r.rand() < 0.05:
                    given = [-1] * len(given)
                index = str(r.choice(['int32', 'int64']))
                s = const(np.array(given, index))
                if r.rand() < 0.15:
                    s = tensor(index, (len(given),), values=np.array(given))
                yield op('SPLIT_V', [moved(dtype, shape), s, const(np.int32([axis]))],
                         [moved(dtype, (1,)) for _ in sizes], options('SplitVOptions', numSplits=len(sizes)), version=2)
