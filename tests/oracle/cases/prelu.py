"""PRELU: types, slopes per channel, per element, and one for all."""
from cases import _elementwise as e
from single_op import const, op, q, tensor
import numpy as np

PAIRS = [((2, 3, 4), (2, 3, 4)), ((1, 5, 5, 3), (3,)), ((1, 5, 5, 3), (1, 1, 3)), ((2, 4, 4, 3), (1,)), ((7,), ()), ((0, 3), (3,)),
         ((2, 3, 4, 5), (3, 1, 5))]


def cases(r):
    for dtype in ('float32', 'uint8', 'int8', 'int16'):
        alpha_type = 'int8' if dtype == 'int16' else dtype
        for a, b in PAIRS:
            for _ in range(6):
                quantizations = [e.quantization(r, t, [0.02, 0.5, 1 / 128]) for t in (dtype, alpha_type, dtype)]
                low, high = e.LIMITS.get(alpha_type, (-2, 2))
                alpha = (r.uniform(low, high, b) if dtype == 'float32' else r.randint(low, high + 1, b))
                yield op('PRELU', [tensor(dtype, a, quantizations[0]), const(np.asarray(alpha).astype(alpha_type), quantizations[1])],
                         [tensor(dtype, a, quantizations[2])])
