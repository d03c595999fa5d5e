"""REVERSE_SEQUENCE: types, both orders of the two dimensions, lengths of both index types, from 0 to all, and beyond."""
from cases._shapes import moved, shape_of
from single_op import const, op, options
import numpy as np


def cases(r):
    for dtype in ('float32', 'uint8', 'int16', 'int32', 'int64'):
        for rank in (2, 3, 4):
            for _ in range(8):
                shape = shape_of(r, rank)
                seq, batch = (int(d) for d in r.choice(rank, 2, replace=False))
                lengths = r.randint(1, shape[seq] + 1, shape[batch])
                if r.rand() < 0.05:
                    lengths[0] = shape[seq] + 1
                yield op('REVERSE_SEQUENCE', [moved(dtype, shape), const(lengths.astype(r.choice(['int32', 'int64'])))],
                         [moved(dtype, shape)], options('ReverseSequenceOptions', seqDim=seq, batchDim=batch))
