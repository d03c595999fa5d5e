"""LEAKY_RELU: types, slopes of both signs, changes of quantization."""
from cases import _elementwise as e
from single_op import op, options, tensor


def cases(r):
    for dtype in ('float32', 'uint8', 'int8', 'int16'):
        for shape in e.SHAPES + [(300,)]:
            for alpha in (0.1, 0.0, 1.5, -0.3, 0.01):
                quantizations = [e.quantization(r, dtype, [0.02, 0.5, 1 / 128, 0.1]) for _ in range(2)]
                yield op('LEAKY_RELU', [tensor(dtype, shape, quantizations[0])], [tensor(dtype, shape, quantizations[1])],
                         options('LeakyReluOptions', alpha=alpha), version=2)
