"""PADV2: as PAD, with a value for the frame; one of another scale is refused."""
from cases import pad
from cases._shapes import QUANTIZED
from single_op import const, q
import numpy as np


def cases(r):
    def value(dtype):
        return [const(np.array([r.randint(0, 100)]).astype(dtype), QUANTIZED.get(dtype))]
    yield from pad.plain(r, 'PADV2', value)
    yield from pad.plain(r, 'PADV2')
    yield pad.padded(r, 'PADV2', 'int8', (2, 3), [[1, 1], [0, 1]], [const(np.int8([3]), q(0.5, -7))])
