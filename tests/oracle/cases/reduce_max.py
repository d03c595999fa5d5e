"""REDUCE_MAX: types, ranks, axes, one scale and zero point (others are refused), infinities, empty inputs."""
from cases._reduce import empty, plain, reduction
from cases._shapes import QUANTIZED
from single_op import q, tensor
import numpy as np

DTYPES = ('float32', 'uint8', 'int8', 'int16', 'int32', 'int64')


def cases(r):
    yield from plain(r, 'REDUCE_MAX', DTYPES, quantization=lambda r, dtype: (QUANTIZED.get(dtype),) * 2)
    yield from plain(r, 'REDUCE_MAX', DTYPES, rounds=1)
    yield from empty(r, 'REDUCE_MAX', DTYPES)
    yield reduction(r, 'REDUCE_MAX', tensor('int8', (2, 3), q(0.5, 0)), tensor('int8', (1,), q(0.25, 0)), [0], False, 0)
    for nan_first in (0, 3):
        x = np.float32([1, -np.inf, np.inf, 2, 3, 0])
        x[nan_first] = np.nan
        yield reduction(r, 'REDUCE_MAX', tensor('float32', (2, 3), values=x), tensor('float32', (1,)), [0, 1], False, 0)
        yield reduction(r, 'REDUCE_MAX', tensor('float32', (2, 3), values=x), tensor('float32', (1,)), [1], False, 0)
