"""FAKE_QUANT: ranges around and beside 0, 2 to 16 bits."""
from single_op import op, options, tensor


def cases(r):
    for low, high in ((-1.0, 1.0), (-0.3, 2.7), (0.0, 6.0), (0.5, 3.0), (-5.0, -1.0)):
        for bits in (2, 4, 8, 16):
            for shape in ((200,), (2, 3), (0, 3)):
                yield op('FAKE_QUANT', [tensor('float32', shape, values=(-7, 7))], [tensor('float32', shape)],
                         options('FakeQuantOptions', min=low, max=high, numBits=bits), version=2)
