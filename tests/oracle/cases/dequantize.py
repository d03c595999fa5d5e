"""DEQUANTIZE: every type, per tensor and per channel, float16 and packed 4-bit constants."""
from cases import _elementwise as e
from single_op import Tensor, const, op, q, tensor
import numpy as np


def cases(r):
    for dtype in ('uint8', 'int8', 'int16'):
        for shape in e.SHAPES:
            for scale in (0.02, 1.0, 1e-4):
                yield op('DEQUANTIZE', [tensor(dtype, shape, q(scale, e.zero_point(r, dtype)))], [tensor('float32', shape)], version=3)
    for dtype in ('uint8', 'int8'):
        for shape, dimension in (((2, 3), 0), ((2, 3), 1), ((2, 2, 2, 5), 3), ((3, 2, 2), 1), ((4, 1, 1, 3), 0)):
            for constant in (False, True):
                scales = list(r.uniform(1e-3, 1, shape[dimension]))
                quantization = q(scales, [e.zero_point(r, dtype) for _ in scales], dimension)
                low, high = e.LIMITS[dtype]
                weights = const(r.randint(low, high + 1, shape).astype(dtype), quantization)
                yield op('DEQUANTIZE', [weights if constant else tensor(dtype, shape, quantization)], [tensor('float32', shape)], version=5)
    for shape in e.SHAPES:
        yield op('DEQUANTIZE', [tensor('float16', shape)], [tensor('float32', shape)], version=3)
        if np.prod(shape):
            yield op('DEQUANTIZE', [const(r.standard_normal(shape).astype(np.float16))], [tensor('float32', shape)], version=3)
    bits = np.arange(0, 65536, 7).astype(np.uint16).view(np.float16)
    yield op('DEQUANTIZE', [tensor('float16', bits.shape, values=bits)], [tensor('float32', bits.shape)], version=3)
    for shape in ((4, 6), (5,), (3, 3)):
        packed = r.randint(0, 256, (int(np.prod(shape)) + 1) // 2).astype(np.uint8)
        for quantization in (q(0.3, 0), q(list(r.uniform(0.1, 1, shape[0])), 0, 0)):
            yield op('DEQUANTIZE', [Tensor('int4', shape, quantization, data=packed)], [tensor('float32', shape)], version=6)
