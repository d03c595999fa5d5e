"""docs/ops.md says what the table of ops and the cases say."""
import pathlib
import subprocess
import sys


def test_the_page_of_ops_is_true():
    script = pathlib.Path(__file__).with_name('page.py')
    done = subprocess.run([sys.executable, str(script), '--check'], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
