"""QUANTIZE: from float (per tensor and per channel, beyond the range too), and from one quantization to another."""
from cases import _elementwise as e
from single_op import op, q, tensor
import numpy as np

WIDE = {'int32': (-2 ** 31, 2 ** 31 - 1)}


def cases(r):
    for dtype in ('uint8', 'int8', 'int16'):
        for shape in e.SHAPES:
            for scale in (0.02, 1.0, 1e-4, 0.5):
                values = np.r_[r.choice([-0.5, 0.5, 1.5, 2.5, 1e3, -1e3], int(np.prod(shape)))] * scale
                yield op('QUANTIZE', [tensor('float32', shape, values=values)], [tensor(dtype, shape, q(scale, e.zero_point(r, dtype)))])
                yield op('QUANTIZE', [tensor('float32', shape)], [tensor(dtype, shape, q(scale, e.zero_point(r, dtype)))])
        edges = np.float32([1e20, -1e20, 3e9, -3e9, 2.2e9, np.inf, -np.inf, np.nan])
        for scale in (1.0, 0.1, 1e-9):
            yield op('QUANTIZE', [tensor('float32', (8,), values=edges)], [tensor(dtype, (8,), q(scale, e.zero_point(r, dtype)))])
        for shape, dimension in (((2, 3), 0), ((2, 3), 1), ((2, 2, 2, 5), 3), ((3, 2, 2), 1)):
            scales = list(r.uniform(1e-3, 1, shape[dimension]))
            zeros = [e.zero_point(r, dtype) for _ in scales]
            yield op('QUANTIZE', [tensor('float32', shape)], [tensor(dtype, shape, q(scales, zeros, dimension))])
    for a, b in (('uint8', 'int8'), ('int8', 'uint8'), ('int8', 'int8'), ('uint8', 'uint8'), ('int8', 'int16'),
                 ('uint8', 'int16'), ('int16', 'int8'), ('int16', 'int16'), ('int16', 'int32'), ('int32', 'int8'), ('int32', 'int16')):
        for ratio in (1.0, 0.5, 0.013, 3.7, 300.0):
            zero = e.zero_point(r, a)
            for output_zero in (e.zero_point(r, b), zero - 128 if a == 'uint8' else zero + 128 if a == 'int8' else 0):
                low, high = e.LIMITS.get(b, (0, 0))
                if low <= output_zero <= high:
                    yield op('QUANTIZE', [tensor(a, (300,), q(0.1, zero), WIDE.get(a) if r.rand() < 0.5 else None)],
                             [tensor(b, (300,), q(0.1 / ratio, output_zero))])
