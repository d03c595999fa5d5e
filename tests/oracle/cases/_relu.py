"""The cases of RELU and its relatives."""
from cases import _elementwise as e
from single_op import op, q, tensor


def cases(r, name, quantized, version=1):
    for shape in e.SHAPES:
        yield op(name, [tensor('float32', shape, values=(-9, 9))], [tensor('float32', shape)])
    for dtype in quantized:
        for shape in e.SHAPES + [(300,)]:
            for scale, output_scale in ((0.1, 0.1), (0.02, 0.05), (1.0, 0.001), (0.3, 7.0), (1e-4, 0.1)):
                yield op(name, [tensor(dtype, shape, q(scale, e.zero_point(r, dtype)))],
                         [tensor(dtype, shape, q(output_scale, e.zero_point(r, dtype)))], version=version)
