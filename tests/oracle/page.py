#!/usr/bin/env python3
"""docs/ops.md: every op of src/ops/all.inc, with the types in which its cases are compared with LiteRT.

    tests/oracle/page.py            writes the page
    tests/oracle/page.py --check    exit 1 where the page is not what would be written
"""
import argparse
import pathlib
import re
import sys
import zlib

import numpy as np

import oracle

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / 'docs' / 'ops.md'
# Which input a node's type is named after, where it is not the first.
DATA_INPUT = {'SELECT': 1, 'SELECT_V2': 1, 'SPLIT': 1, 'FILL': 1, 'ONE_HOT': 2, 'EMBEDDING_LOOKUP': 1, 'WHILE': 1, 'IF': 1, 'TRANSPOSE_CONV': 2,
              'SCATTER_ND': 1, 'SPARSE_TO_DENSE': 2}
TYPES = ('float32', 'float16', 'uint8', 'int8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'bool', 'int4', 'float64')
HEAD = """# The ops that this program computes

    monolite run MODEL IMAGE --backend reference

Each of these ops gives what LiteRT's reference kernel gives: the same bits for integers, within 1e-5 of the largest
element for floats. The types are those in which generated cases are compared with LiteRT (`tests/oracle/cases/`); an op
may take more. An asterisk stands for weights of int8 under float32 inputs. Other ops are read, shown and written; running
one is an error that names it.

| op | types |
| --- | --- |
"""


def op_names():
    """File and op: ('conv_2d', 'CONV_2D')."""
    for name in re.findall(r'^OP\((\w+)\)', (ROOT / 'src/ops/all.inc').read_text(), re.M):
        source = (ROOT / f'src/ops/{name}.cpp').read_text()
        custom = re.search(r'\.custom_code = "(\w+)"', source)
        code = re.search(r'OpCode::(\w+)', source)
        yield name, custom.group(1) if custom else code.group(1) if code else name.upper()


def type_of(case):
    inputs = case.inputs
    data = inputs[min(DATA_INPUT.get(case.op, 0), len(inputs) - 1)]
    hybrid = data.dtype == 'float32' and any(t is not None and t.dtype == 'int8' and t.data is not None for t in inputs)
    return data.dtype + ('*' if hybrid else '')


def types_of(name):
    """The types of the cases that LiteRT computes; one case of each is tried until one is found."""
    found = set()
    for i, case in enumerate(oracle.cases_of(name)):
        if type_of(case) in found:
            continue
        inputs = case.draw(np.random.RandomState(zlib.crc32(f'{name}:{i}'.encode())))
        if not isinstance(oracle.litert(case.model(), inputs), str):
            found.add(type_of(case))
    return sorted(found, key=lambda t: (TYPES.index(t.rstrip('*')), t))


def page():
    rows = []
    for name, op in op_names():
        has_cases = (ROOT / f'tests/oracle/cases/{name}.py').exists()
        rows.append(f'| {op} | {", ".join(types_of(name)) if has_cases else "not compared"} |\n')
    return HEAD + ''.join(sorted(rows))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--check', action='store_true')
    if p.parse_args().check:
        if PAGE.exists() and PAGE.read_text() == page():
            return 0
        print(f'{PAGE} is out of date: run {pathlib.Path(__file__).relative_to(ROOT)}')
        return 1
    PAGE.write_text(page())
    return 0


if __name__ == '__main__':
    sys.exit(main())
