"""What the pools' cases share: windows inside and over the edge, strides, types, activations."""
from single_op import op, options, q, tensor

GEOMETRY = [  # (h, w), channels, window, stride
    ((5, 5), 3, (3, 3), (1, 1)), ((6, 5), 1, (2, 2), (2, 2)), ((9, 8), 17, (3, 2), (2, 3)), ((7, 7), 40, (7, 7), (1, 1)),
    ((3, 3), 4, (5, 5), (1, 1)), ((1, 1), 8, (1, 1), (1, 1)), ((17, 17), 5, (17, 17), (17, 17)), ((8, 8), 2, (1, 1), (3, 3)),
    ((4, 9), 3, (4, 1), (1, 4)), ((33, 33), 3, (33, 33), (1, 1)),
]


def pool_cases(r, name, types):
    for dtype in types:
        for size, channels, window, stride in GEOMETRY:
            for padding in (0, 1):
                for activation in (0, 1, 2, 3):
                    batch = int(r.choice([1, 1, 2]))
                    quantization = None
                    if dtype != 'float32':
                        scale = float(r.choice([0.02, 0.1, 0.9]))
                        quantization = q(scale, {'uint8': int(r.randint(0, 256)), 'int8': int(r.randint(-128, 128)), 'int16': 0}[dtype])
                    yield op(name, [tensor(dtype, (batch, *size, channels), quantization)],
                             [tensor(dtype, (batch, 0, 0, channels), quantization)],
                             options('Pool2DOptions', padding=padding, strideH=stride[0], strideW=stride[1],
                                     filterHeight=window[0], filterWidth=window[1], fusedActivationFunction=activation),
                             version=1 if name == 'L2_POOL_2D' else 2)
