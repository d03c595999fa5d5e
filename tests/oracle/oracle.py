#!/usr/bin/env python3
"""Single-op models through LiteRT's reference kernels and through our backends: the same bits, or the line says which case.

    tests/oracle/oracle.py --runner build/bin/oracle_runner                every op, the usual number of cases
    tests/oracle/oracle.py --runner … --op conv_2d --all                   one op, all its cases
    tests/oracle/oracle.py --runner … --case conv_2d:17                    one case, with what differs

A case that LiteRT refuses counts as refused: ours must then refuse it too or compute it, but must not fall over.
Integer outputs must be equal, float ones within 1e-5 of the largest (design: 1e-5 for a single op).
"""
import argparse
import importlib
import os
import pathlib
import struct
import subprocess
import sys
import zlib

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from single_op import DTYPES  # noqa: E402

NAMES = {number: name for name, number in DTYPES.items()}
BACKENDS = {'reference': 0, 'fast': 1}
CASES_IN_CI = 100  # per op; the file's own order decides which, spread evenly


class Runner:
    """Our backends behind a pipe."""

    def __init__(self, program):
        self.program, self.process = program, None

    def compute(self, backend, model, inputs):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        message = [struct.pack('<IQ', BACKENDS[backend], len(model)), model, struct.pack('<I', len(inputs))]
        for x in inputs:
            message.append(struct.pack(f'<II{x.ndim}iQ', DTYPES[x.dtype.name], x.ndim, *x.shape, x.nbytes))
            message.append(np.ascontiguousarray(x).tobytes())
        try:
            self.process.stdin.write(b''.join(message))
            self.process.stdin.flush()
            return self._answer()
        except (BrokenPipeError, EOFError):
            code = self.process.wait()
            return f'the program ended with {code}'

    def _read(self, n):
        data = self.process.stdout.read(n)
        if len(data) != n:
            raise EOFError
        return data

    def _answer(self):
        status, = struct.unpack('<I', self._read(4))
        if status:
            return self._read(struct.unpack('<Q', self._read(8))[0]).decode()
        outputs = []
        for _ in range(struct.unpack('<I', self._read(4))[0]):
            dtype, rank = struct.unpack('<II', self._read(8))
            shape = struct.unpack(f'<{rank}i', self._read(4 * rank))
            data = self._read(struct.unpack('<Q', self._read(8))[0])
            outputs.append(np.frombuffer(data, NAMES[dtype]).reshape(shape))
        return outputs


def litert(model, inputs):
    """The reference outputs, or the text of LiteRT's refusal. Ops that the reference resolver lacks (ELU, CEIL, ROUND)
    have one kernel only, in the usual resolver."""
    for resolver in (OpResolverType.BUILTIN_REF, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES):
        try:
            interpreter = Interpreter(model_content=model, num_threads=1, experimental_op_resolver_type=resolver)
            interpreter.allocate_tensors()
            for detail, x in zip(interpreter.get_input_details(), inputs):
                interpreter.set_tensor(detail['index'], x)
            interpreter.invoke()
            return [interpreter.get_tensor(d['index']) for d in interpreter.get_output_details()]
        except (RuntimeError, ValueError) as e:
            refusal = str(e)
            if "Didn't find op for builtin opcode" not in refusal:
                break
    return refusal


def difference(got, want):
    """'' where equal as promised, else what differs."""
    if isinstance(got, str):
        return got.replace('\n', ' ')
    for k, (g, w) in enumerate(zip(got, want)):
        if g.shape != w.shape or g.dtype != w.dtype:
            return f'output {k} is {g.dtype}{g.shape} for {w.dtype}{w.shape}'
        if w.dtype.kind != 'f':
            if not np.array_equal(g, w):
                i = np.argwhere(g != w)[0]
                return f'output {k} differs in {(g != w).sum()} of {w.size}, first {tuple(i)}: {g[tuple(i)]} for {w[tuple(i)]}'
        elif w.size:
            finite = np.isfinite(w)
            if not np.array_equal(np.isnan(g), np.isnan(w)) or not np.array_equal(g[~finite & ~np.isnan(w)], w[~finite & ~np.isnan(w)]):
                return f'output {k}: other NaN or infinite elements'
            if finite.any():
                with np.errstate(over='ignore'):
                    d = np.abs(g[finite].astype(np.float64) - w[finite])
                if d.max() > 1e-5 * max(np.abs(w[finite]).max(), 1e-30):
                    return f'output {k} is off by {d.max():.3g}, the largest is {np.abs(w[finite]).max():.3g}'
    return '' if len(got) == len(want) else f'{len(got)} outputs for {len(want)}'


def cases_of(name):
    module = importlib.import_module('cases.' + name)
    r = np.random.RandomState(zlib.crc32(name.encode()))
    return list(module.cases(r))


def run_case(runner, name, index, case, backends, verbose):
    r = np.random.RandomState(zlib.crc32(f'{name}:{index}'.encode()))
    inputs, model = case.draw(r), case.model()
    want = litert(model, inputs)
    verdicts = []
    for backend in backends:
        got = runner.compute(backend, model, inputs)
        if isinstance(want, str):
            verdicts.append('refused' if not (isinstance(got, str) and got.startswith('the program')) else got)
        else:
            verdicts.append(difference(got, want))
        if verbose:
            print(f'{backend}: {verdicts[-1] or "equal"}\nwant {want}\ngot  {got}')
    return verdicts


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--runner', required=True)
    p.add_argument('--op', action='append', help='a file of tests/oracle/cases, may be repeated')
    p.add_argument('--case', help='op:index')
    p.add_argument('--all', action='store_true', help='all cases instead of a part')
    p.add_argument('--backend', default='reference,fast')
    a = p.parse_args()
    runner, backends = Runner(a.runner), a.backend.split(',')
    if a.case:
        name, index = a.case.split(':')
        return any(v not in ('', 'refused') for v in
                   run_case(runner, name, int(index), cases_of(name)[int(index)], backends, True))
    names = a.op or sorted(f.stem for f in (HERE / 'cases').glob('*.py') if not f.stem.startswith('_'))
    passed = failed = refused = 0
    for name in names:
        cases = cases_of(name)
        step = 1 if a.all else max(1, len(cases) / CASES_IN_CI)
        chosen = sorted({int(k * step) for k in range(int(len(cases) / step))})
        here = {'passed': 0, 'refused': 0, 'failed': 0}
        for i in chosen:
            for verdict, backend in zip(run_case(runner, name, i, cases[i], backends, False), backends):
                kind = {'': 'passed', 'refused': 'refused'}.get(verdict, 'failed')
                here[kind] += 1
                if kind == 'failed' and here['failed'] <= 10:
                    print(f'FAILED {backend}: {verdict}\n  again: {os.path.relpath(__file__)} --runner {a.runner} '
                          f'--backend {backend} --case {name}:{i}', flush=True)
        if here['passed'] == 0 and here['failed'] == 0:
            here['failed'] += 1
            print(f'FAILED {name}: LiteRT refused every case: the cases are wrong')
        print(f'{name}: {len(chosen)} of {len(cases)} cases, {here}', flush=True)
        passed, refused, failed = passed + here['passed'], refused + here['refused'], failed + here['failed']
    print(f'{passed} passed, {failed} failed, {refused} skipped')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
