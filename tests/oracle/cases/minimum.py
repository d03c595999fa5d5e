"""MINIMUM: types and broadcasting."""
from cases import _elementwise as e
from single_op import op, options, q, tensor


def cases(r):
    for dtype in ('float32', 'uint8', 'int8', 'int16', 'int32', 'int64'):
        quantization = q(0.1, e.zero_point(r, dtype)) if dtype in e.LIMITS else None
        for a, b in e.BROADCASTS:
            for big in (False, True):
                yield op('MINIMUM', [tensor(dtype, a, quantization, e.values(r, dtype, big)), tensor(dtype, b, quantization, e.values(r, dtype, big))],
                         [tensor(dtype, e.output_shape(a, b), quantization)], options('MaximumMinimumOptions'), version=4)
