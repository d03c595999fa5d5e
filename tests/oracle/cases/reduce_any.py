"""REDUCE_ANY: ranks, axes, mostly true and mostly false inputs, empty ones."""
from cases._reduce import axes_of, empty, plain, reduction
from cases._shapes import shape_of
from single_op import tensor
import numpy as np


def cases(r):
    yield from plain(r, 'REDUCE_ANY', ('bool',))
    yield from empty(r, 'REDUCE_ANY', ('bool',))
    for chance in (0.05, 0.95):
        for _ in range(30):
            rank = int(r.randint(1, 5))
            shape = shape_of(r, rank)
            yield reduction(r, 'REDUCE_ANY', tensor('bool', shape, values=r.rand(*shape) < chance), tensor('bool', (1,)),
                            axes_of(r, rank), bool(r.rand() < 0.5))
