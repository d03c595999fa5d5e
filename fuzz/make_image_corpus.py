#!/usr/bin/env python3
"""Makes fuzz/corpus/image and fuzz/corpus/npy: one tiny file of each kind that the readers know."""
import io
import pathlib

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent


def folder(name):
    made = HERE / 'corpus' / name
    made.mkdir(parents=True, exist_ok=True)
    return made


grey = Image.fromarray((np.arange(63, dtype=np.uint8) * 4).reshape(7, 9))
turned = Image.Exif()
turned[274] = 6
PICTURES = {
    'rgb.png': (grey.convert('RGB'), {}), 'grey.png': (grey, {}), 'palette.png': (grey.convert('P'), {}),
    'rgba.png': (grey.convert('RGBA'), {}), 'bit.png': (grey.convert('1'), {}), 'deep.png': (grey.convert('I;16'), {}),
    'rgb.jpg': (grey.convert('RGB'), {'exif': turned}), 'grey.jpg': (grey, {}), 'cmyk.jpg': (grey.convert('CMYK'), {}),
    'progressive.jpg': (grey.convert('RGB'), {'progressive': True}),
    'rgb.bmp': (grey.convert('RGB'), {}), 'rgba.bmp': (grey.convert('RGBA'), {}), 'palette.bmp': (grey.convert('P'), {}),
    'bit.bmp': (grey.convert('1'), {}),
}
for name, (picture, options) in PICTURES.items():
    picture.save(folder('image') / name, **options)
for dtype in ('?', 'i1', '<u2', '<i8', '<f2', '<f4', '<c8'):
    np.save(folder('npy') / (dtype.strip('<?') or 'b1'), np.zeros((2, 3), dtype))
for version in ((2, 0), (3, 0)):
    to = io.BytesIO()
    np.lib.format.write_array(to, np.zeros((1, 2), np.float32), version)
    (folder('npy') / f'version{version[0]}.npy').write_bytes(to.getvalue())
(folder('labels') / 'lines').write_text('cat\ndog\n')
(folder('labels') / 'numbers').write_text('0  cat\n3: dog\n')
(folder('labels') / 'map').write_text('item {\n  id: 2\n  name: "dog"\n}\n')
