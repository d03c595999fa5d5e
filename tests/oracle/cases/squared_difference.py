"""SQUARED_DIFFERENCE: types, broadcasting, scales."""
from cases import _elementwise as e
from single_op import op, options, q, tensor


def cases(r):
    for dtype in ('float32', 'int8', 'int32'):
        for a, b in e.BROADCASTS:
            for _ in range(4):
                quantizations = [e.quantization(r, dtype, scales) for scales in ([0.02, 0.5, 1 / 128], [0.02, 0.3], [0.01, 0.5, 3.0])]
                yield op('SQUARED_DIFFERENCE', [tensor(dtype, a, quantizations[0], e.values(r, dtype)), tensor(dtype, b, quantizations[1], e.values(r, dtype))],
                         [tensor(dtype, e.output_shape(a, b), quantizations[2])], options('SquaredDifferenceOptions'), version=2)
