"""Every op's generated cases, one test an op."""
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
OPS = sorted(f.stem for f in (HERE / 'cases').glob('*.py') if not f.stem.startswith('_'))


@pytest.mark.parametrize('op', OPS)
def test_equals_litert(op, binaries):
    more = ['--all'] if os.environ.get('MONOLITE_ALL_CASES') == 'ON' else []
    done = subprocess.run([sys.executable, str(HERE / 'oracle.py'), '--runner', str(binaries / 'oracle_runner'), '--op', op, *more],
                          capture_output=True, text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
