"""NEG: every type; quantized numbers as they stand."""
from cases import _elementwise as e
from single_op import op, options, q, tensor


def cases(r):
    for dtype in ('float32', 'int8', 'int16', 'int32', 'int64'):
        quantization = q(0.1, 3 if dtype == 'int8' else 0) if dtype in e.LIMITS else None
        for shape in e.SHAPES + [(300,)]:
            for big in (False, True):
                yield op('NEG', [tensor(dtype, shape, quantization, e.values(r, dtype, big))], [tensor(dtype, shape, quantization)], options('NegOptions'))
