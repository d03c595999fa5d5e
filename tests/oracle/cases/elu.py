"""ELU: float, and the int8 table over all inputs."""
from cases import _elementwise as e
from single_op import op, q, tensor
import numpy as np


def cases(r):
    for shape in e.SHAPES:
        for _ in range(3):
            yield op('ELU', [tensor('float32', shape, values=(-6, 6))], [tensor('float32', shape)])
    for scale in [0.02, 0.05, 0.1, 1e-3, 1.0, 20.0]:
        for output_scale in (0.01, 0.05, 0.3, 2.0, 1e-7):
            for _ in range(2):
                yield op('ELU', [tensor('int8', (256,), q(scale, e.zero_point(r, 'int8')), np.arange(256) - 128)],
                         [tensor('int8', (256,), q(output_scale, e.zero_point(r, 'int8')))])
