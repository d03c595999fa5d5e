#!/usr/bin/env python3
"""Makes fuzz/corpus/tflite and fuzz/corpus/evaluate: the smallest model of each op, from the oracle's cases; and
fuzz/corpus/legalize: a model of each pattern that is rewritten."""
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'tests' / 'oracle'))
from oracle import cases_of  # noqa: E402
from rewrites_test import PATTERNS  # noqa: E402

MOST_BYTES = 4096

for name in sorted(f.stem for f in (HERE.parent / 'tests/oracle/cases').glob('*.py') if not f.stem.startswith('_')):
    by_type = {}
    for case in cases_of(name):
        model = case.model()
        key = case.outputs[0].dtype
        if len(model) < len(by_type.get(key, b' ' * (MOST_BYTES + 1))):
            by_type[key] = model
    for dtype, model in by_type.items():
        for target in ('tflite', 'evaluate'):
            folder = HERE / 'corpus' / target
            folder.mkdir(parents=True, exist_ok=True)
            if target == 'evaluate' or dtype in ('uint8', 'float32'):
                (folder / f'{name}_{dtype}').write_bytes(model)

for pattern in PATTERNS:
    folder = HERE / 'corpus' / 'legalize'
    folder.mkdir(parents=True, exist_ok=True)
    graph, *_ = pattern(np.random.RandomState(0))
    (folder / pattern.__name__).write_bytes(graph.model())
