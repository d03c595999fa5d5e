"""The verbs legalize and fix, as a new user would try them."""
import json
import re

from PIL import Image

MODEL = 'models/coral/deeplabv3_mnv2_dm05_pascal_quant.tflite'
SMALL = 'models/mlperf/mobilenet_edgetpu_224_1.0_uint8.tflite'


def test_google_deeplab_becomes_one_partition_with_the_same_labels(monolite, shared, tmp_path):
    out = tmp_path / 'out.tflite'
    done = monolite('legalize', shared / MODEL, '-o', out, '--target', 'nnapi', '--verify', shared / 'images/cat.jpg', '--json')
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report['whole'] and report['written'] and report['proof'] == 'exact'
    assert report['targets'][0]['before']['partitions'] == 3 and report['targets'][0]['after']['partitions'] == 1
    assert report['verified']['identical'] and report['verified']['inputs'] == 'cat.jpg'
    assert report['interface_changes'] == ['output "ArgMax" is int32, was int64']
    assert {r['name'] for r in report['rewrites']} == {
        'argmax_int32', 'average_pool_to_depthwise', 'resize_align_corners', 'resize_identity'}
    receipt = json.loads(monolite('inspect', out, '--json').stdout)['receipt']
    assert receipt[0]['verb'] == 'legalize' and len(receipt[0]['rewrites']) == len(report['rewrites'])
    assert len(receipt[0]['source']['sha256']) == 64
    again = monolite('legalize', out, '-o', tmp_path / 'again.tflite', '--target', 'nnapi', '--dry_run', '--json')
    assert json.loads(again.stdout)['rewrites'] == []


def test_what_cannot_be_mended_is_told_and_not_written(monolite, shared, tmp_path):
    out = tmp_path / 'out.tflite'
    done = monolite('legalize', shared / MODEL, '-o', out, '--target', 'nnapi-28')
    assert done.returncode == 1 and not out.exists()
    assert 'nnapi-28 still refuses' in done.stdout and 'nothing was written' in done.stderr
    best = monolite('legalize', shared / MODEL, '-o', out, '--target', 'nnapi-28', '--best_effort')
    assert best.returncode == 1 and out.exists()


def test_tolerance_is_kept(monolite, shared):
    done = monolite('legalize', shared / SMALL, '--target', 'xnnpack', '--tolerance', 'exact', '--dry_run', '--json')
    report = json.loads(done.stdout)
    assert done.returncode == 1 and report['proof'] == 'exact'
    assert [r['op'] for r in report['refused']] == ['SOFTMAX']
    assert 'softmax_in_float: <= 1 LSB is beyond the tolerance' in report['refused'][0]['tried']


def test_wrong_usage_says_what_is_meant(monolite, shared, tmp_path):
    assert monolite('legalize').returncode == 2
    assert monolite('legalize', shared / MODEL, '--target', 'nnapi').returncode == 2
    unknown = monolite('legalize', shared / MODEL, '--target', 'nnappi', '--dry_run')
    assert unknown.returncode == 2 and 'nnapi' in unknown.stderr
    word = monolite('legalize', shared / MODEL, '--target', 'nnapi', '--tolerance', 'none', '--dry_run')
    assert word.returncode == 2 and 'exact, 1lsb or approximate' in word.stderr
    assert monolite('legalize', tmp_path / 'none.tflite', '--target', 'nnapi', '--dry_run').returncode == 3
    assert monolite('legalize', shared / MODEL, '--target', 'nnapi', '-o', tmp_path / 'o', '--verify',
                    tmp_path / 'none.jpg').returncode == 3


def test_fix_shows_the_changed_pixels(monolite, shared, tmp_path):
    done = monolite('fix', shared / MODEL, shared / 'images/cat.jpg', '--target', 'nnapi', '-o', tmp_path / 'fixed.tflite', '--json')
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report['changed'] == 0 and report['published_fix']['changed'] > 100
    picture = Image.open(report['picture']).convert('RGB')
    marked = sum(1 for p in picture.getdata() if p == (255, 0, 255))
    assert marked >= report['published_fix']['changed']
    assert any('adb push' in line for line in report['next'])


def test_an_unfriendly_size_is_a_warning_with_the_nearest_friendly_one(monolite, shared, tmp_path):
    """Exact at 125x125 too, but at a price; at the size that the warning names there is none."""
    source, made, out = shared / 'models/coral/deeplabv3_mnv2_dm05_pascal_quant.tflite', tmp_path / 'a.tflite', tmp_path / 'b.tflite'

    def legalized(size):
        assert monolite('reshape', source, '-o', made, '--crop_size', size).returncode == 0
        done = monolite('legalize', made, '-o', out, '--target', 'nnapi')
        assert done.returncode == 0 and 'proof exact' in done.stdout, done.stdout + done.stderr
        return re.search(r'warning: ([\d.]+) times the pixels; a model made for (\d+)x(\d+) would cost less', done.stdout)

    warning = legalized('125')
    assert warning and float(warning[1]) > 1.5 and warning[2] == warning[3]
    assert abs(int(warning[2]) - 125) <= 8 and not legalized(warning[2])
