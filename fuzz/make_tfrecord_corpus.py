#!/usr/bin/env python3
"""Makes fuzz/corpus/tfrecord: a bare example, and files of none, one and two records."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'tests'), str(HERE.parent / 'tests/cli')]
from dataset_test import example, field, framed, varint  # noqa: E402

picture = example(image__encoded=b'png', image__filename=b'n', image__segmentation__class__encoded=b'png')
size = field(1, field(1, field(1, b'size') + field(2, field(3, field(1, varint(300))))))
folder = HERE / 'corpus/tfrecord'
folder.mkdir(parents=True, exist_ok=True)
for name, data in {'example': picture, 'integers': size, 'one': framed(picture), 'two': framed(picture) + framed(size), 'empty_record': framed(b''),
                   'no_example': framed(b'no example'), 'cut': framed(picture)[:-3]}.items():
    (folder / name).write_bytes(data)
