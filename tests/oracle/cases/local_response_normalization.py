"""LOCAL_RESPONSE_NORMALIZATION: radii up to all channels and beyond, powers, shapes."""
from single_op import op, options, tensor

SHAPES = [(1, 1, 1, 1), (1, 3, 4, 5), (2, 5, 3, 16), (1, 2, 2, 64), (1, 7, 7, 33), (1, 0, 2, 3)]


def cases(r):
    for shape in SHAPES:
        for radius in (0, 1, 2, 5, 40):
            for bias, alpha, beta in ((1.0, 1.0, 0.5), (2.0, 1e-4, 0.75), (0.5, 0.3, 1.0), (1.0, 0.25, 2.0)):
                yield op('LOCAL_RESPONSE_NORMALIZATION', [tensor('float32', shape)], [tensor('float32', shape)],
                         options('LocalResponseNormalizationOptions', radius=radius, bias=bias, alpha=alpha, beta=beta))
