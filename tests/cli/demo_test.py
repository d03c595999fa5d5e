"""The verb demo: the whole way on what comes with the project, without ../shared."""
import json

import numpy as np
from PIL import Image


def test_goes_from_the_checkpoint_to_a_mask_in_one_piece(monolite, tmp_path):
    done = monolite('demo', '--out', tmp_path / 'out', '--json')
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [step['seconds'] < 20 for step in report['steps']] == [True] * 7
    assert 'RESIZE_BILINEAR' in report['before'] and 'ARG_MAX' in report['before']
    assert report['after'].startswith('[') and report['after'].endswith(' nodes]') and report['after'].count('[') == 1
    assert report['changed'] == 0 and report['labels'] == 129 * 129
    assert 0.8 < report['right'] < 1
    assert 0 < report['fused_ms'] and 0 < report['unfused_ms']
    overlay = np.array(Image.open(report['overlay']).convert('RGB'))
    assert overlay.shape == (387, 387, 3) and overlay.std() > 10


def test_tells_the_commands_and_takes_another_scene(monolite, tmp_path):
    first = monolite('demo', '--out', tmp_path / 'a')
    assert 'monolite export --checkpoint_path' in first.stdout and '0 of 16641 labels changed' in first.stdout
    assert monolite('demo', '--out', tmp_path / 'b', '--seed', '12').returncode == 0
    assert (tmp_path / 'a/scene.png').read_bytes() != (tmp_path / 'b/scene.png').read_bytes()
    assert monolite('demo', '--seed', 'x').returncode == 2
    wrong = monolite('demo', '--checkpoint', tmp_path / 'none')
    assert wrong.returncode == 3 and '--checkpoint' in wrong.stderr
