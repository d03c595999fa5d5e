"""CONCATENATION: types, ranks, axes, numbers of inputs; uint8 of other scales is requantized; empty parts; constants."""
from cases._shapes import MOVED, QUANTIZED, moved, shape_of
from single_op import const, op, options, q, tensor
import numpy as np


def concat(parts, out, axis):
    return op('CONCATENATION', parts, [out], options('ConcatenationOptions', axis=axis), version=2)


def cases(r):
    for dtype in MOVED + ('float16', 'uint32'):
        for rank in (1, 2, 3, 4, 5):
            for axis in range(-rank, rank):
                base = shape_of(r, rank)
                parts = []
                for _ in range(int(r.choice([1, 2, 3, 5]))):
                    shape = list(base)
                    shape[axis] = int(r.randint(0, 5))
                    parts.append(moved(dtype, shape))
                yield concat(parts, moved(dtype, base), axis)
    for _ in range(120):
        scales = r.choice([0.02, 0.25, 1.0, 3.7, 1e-3, 60.0], 4)
        parts = [tensor('uint8', (1, 4, 5, int(r.randint(1, 6))), q(float(s), int(r.randint(0, 256)))) for s in scales[:3]]
        yield concat(parts, tensor('uint8', (1, 4, 5, 1), q(float(scales[3]), int(r.randint(0, 256)))), 3)
    for _ in range(20):  # some parts have the output's scale
        parts = [tensor('uint8', (2, 7), q(float(r.choice([0.25, 0.3])), int(r.choice([7, 8])))) for _ in range(4)]
        yield concat(parts, tensor('uint8', (2, 1), QUANTIZED['uint8']), 1)
    for dtype in ('float32', 'int32', 'int8'):
        quantization = QUANTIZED.get(dtype)
        constants = [const(r.randint(-9, 9, (2, 3)).astype(dtype), quantization) for _ in range(2)]
        yield concat([moved(dtype, (2, 3)), constants[0]], moved(dtype, (4, 3)), 0)
        yield concat(constants, moved(dtype, (4, 3)), 0)
        scalars = [const(np.array(r.randint(-9, 9), dtype), quantization) for _ in range(3)]
        yield concat(scalars, moved(dtype, (3,)), 0)
    yield concat([moved('float32', (2, 3)), moved('float32', (3, 3))], moved('float32', (4, 3)), 1)
    yield concat([moved('float32', (2, 3)), moved('float32', (2, 3))], moved('float32', (4, 3)), 2)
    yield concat([tensor('int8', (2, 3), q(1.0, 0)), moved('int8', (2, 3))], moved('int8', (4, 3)), 0)
