"""The verb train: a short training, killed and gone on with, exported and converted; what can go wrong."""
import csv
import os
import signal
import struct
import subprocess
import time

import pytest

TINY = ['--dataset=scenes', '--depth_multiplier=0.35', '--train_crop_size=33,33', '--train_batch_size=2', '--aspp_convs_filters=8',
        '--num_threads=1', '--base_learning_rate=0.01', '--min_scale_factor=1', '--max_scale_factor=1']


@pytest.fixture(scope='session')
def trainer(binaries):
    """Skips where libtorch was not there when this was built."""
    if not (binaries / 'monolite-train').exists():
        pytest.skip('monolite-train was not built: no libtorch')
    return binaries / 'monolite-train'


def loads(path):
    return path.read_bytes()


def test_killed_training_goes_on_to_the_same_bytes(trainer, monolite, tmp_path):
    whole, killed = tmp_path / 'whole', tmp_path / 'killed'
    flags = [*TINY, '--quantize_delay_step=3', '--training_number_of_steps=30', '--save_interval_steps=2']
    assert monolite('train', *flags, f'--train_logdir={whole}').returncode == 0
    process = subprocess.Popen([trainer, *flags, f'--train_logdir={killed}'], stderr=subprocess.DEVNULL)
    deadline = time.time() + 60
    while not (killed / 'checkpoint').exists() and time.time() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (killed / 'model.ckpt-30.index').exists(), 'killed too late to say anything'
    done = monolite('train', *flags, f'--train_logdir={killed}', '--resume')
    assert done.returncode == 0 and 'going on from' in done.stderr, done.stderr
    for suffix in ('index', 'data-00000-of-00001'):
        assert loads(whole / f'model.ckpt-30.{suffix}') == loads(killed / f'model.ckpt-30.{suffix}')
    assert len(list(killed.glob('model.ckpt-*.index'))) <= 6


def test_checkpoint_is_exported_and_converted(trainer, monolite, tmp_path):
    done = monolite('train', *TINY, '--quantize_delay_step=0', '--training_number_of_steps=4', f'--train_logdir={tmp_path}')
    assert done.returncode == 0, done.stderr
    done = monolite('export', f'--checkpoint_path={tmp_path}', f'--export_path={tmp_path}/quant.pb', '--depth_multiplier=0.35',
                    '--crop_size=33,33', '--output_stride=16', '--quantize_delay_step=0')
    assert done.returncode == 0, done.stderr
    done = monolite('convert', f'--quantized_graph_def_path={tmp_path}/quant.pb', f'--output_tflite_path={tmp_path}/m.tflite')
    assert done.returncode == 0, done.stderr


def test_mobilenet_edgetpu_goes_the_whole_way(trainer, monolite, shared, tmp_path):
    net = ['--model_variant=mobilenet_edgetpu', '--depth_multiplier=0.35', '--output_stride=16', '--quantize_delay_step=0']
    done = monolite('train', *TINY, *net, '--training_number_of_steps=1', f'--train_logdir={tmp_path}/log')
    assert done.returncode == 0, done.stderr
    done = monolite('export', *net, f'--checkpoint_path={tmp_path}/log', f'--export_path={tmp_path}/quant.pb', '--crop_size=33,33')
    assert done.returncode == 0, done.stderr
    done = monolite('convert', f'--quantized_graph_def_path={tmp_path}/quant.pb', f'--output_tflite_path={tmp_path}/m.tflite')
    assert done.returncode == 0 and 'MobilenetEdgeTPU/MobilenetEdgeTPU/input: uint8' in done.stdout, done.stderr
    done = monolite('run', tmp_path / 'm.tflite', shared / 'images/cat.jpg')
    assert done.returncode == 0, done.stderr
    done = monolite('eval', 'segmentation', tmp_path / 'log', *net, '--eval_crop_size=33,33', '--dataset=scenes', '--samples=2')
    assert done.returncode == 0, done.stderr


def test_at_the_end_whole_pictures_are_measured(trainer, monolite, tmp_path):
    import json

    import numpy as np
    from PIL import Image
    for folder, kind in (('images', (40, 60, 3)), ('masks', (40, 60))):
        (tmp_path / folder).mkdir()
        for i in range(4):
            Image.fromarray(np.full(kind, i % 2, np.uint8)).save(tmp_path / folder / f'{i}.png')
    (tmp_path / 'labels.txt').write_text('ground\nsky\n')
    done = monolite('dataset', 'make', '--images', tmp_path / 'images', '--masks', tmp_path / 'masks', '--labels', tmp_path / 'labels.txt', '-o', tmp_path / 'set')
    assert done.returncode == 0, done.stderr
    flags = [f'--dataset={tmp_path}/set', *TINY[1:], '--training_number_of_steps=1', '--validation_samples=2', '--validation_split=train', '--json']
    done = monolite('train', *flags, '--min_resize_value=50', '--max_resize_value=80', '--resize_factor=16', f'--train_logdir={tmp_path}/log')
    assert done.returncode == 0 and 'whole validation pictures, scaled to fit the crop' in done.stderr, done.stderr
    assert 'whole_miou' in json.loads(done.stdout)
    done = monolite('train', *TINY, '--training_number_of_steps=1', '--validation_samples=2', f'--train_logdir={tmp_path}/scenes', '--json')
    assert 'whole_miou' not in json.loads(done.stdout), 'nothing was cut: the scenes are as large as the crop'


def test_ranges_per_channel_become_an_int8_model_of_the_trained_levels(trainer, monolite, tmp_path):
    from ai_edge_litert.interpreter import Interpreter
    flags = [*TINY, '--quantize_delay_step=0', '--per_channel', '--training_number_of_steps=4', f'--train_logdir={tmp_path}']
    done = monolite('train', *flags)
    assert done.returncode == 0, done.stderr
    done = monolite('export', f'--checkpoint_path={tmp_path}', f'--export_path={tmp_path}/quant.pb', '--depth_multiplier=0.35',
                    '--crop_size=33,33', '--output_stride=16', '--quantize_delay_step=0')
    assert done.returncode == 0, done.stderr
    convert = ['convert', f'--graph_def_file={tmp_path}/quant.pb', f'--output_file={tmp_path}/m.tflite', '--input_arrays=MobilenetV2/MobilenetV2/input',
               '--output_arrays=ArgMax', '--mean_values=127.5', '--std_dev_values=127.5']
    done = monolite(*convert, '--inference_type=QUANTIZED_UINT8')
    assert done.returncode == 3 and '--inference_type=INT8' in done.stderr, done.stderr
    done = monolite(*convert, '--inference_type=INT8')
    assert done.returncode == 0, done.stderr
    done = monolite(*[f.replace('m.tflite', 'float.tflite') for f in convert], '--inference_type=FLOAT')
    assert done.returncode == 0, done.stderr

    def tensors(name):
        model = Interpreter(model_path=str(tmp_path / name))
        return {t['name']: (t, model.get_tensor(t['index'])) for t in model.get_tensor_details() if '/weights_quant/' in t['name']}

    floats, integers = tensors('float.tflite'), tensors('m.tflite')
    assert set(floats) == set(integers) and len(integers) > 50
    for name, (details, levels) in integers.items():
        scales = details['quantization_parameters']['scales']
        channels = details['quantization_parameters']['quantized_dimension']
        assert levels.dtype == 'int8' and len(scales) == levels.shape[channels] > 1
        assert channels == (3 if name.endswith('/filter') else 0)
        # What training rounded the filter to is what the integers stand for.
        shape = [-1 if axis == channels else 1 for axis in range(4)]
        assert abs(floats[name][1] - levels * scales.reshape(shape)).max() <= 1e-6 * abs(floats[name][1]).max(), name


def test_tensorflow_reads_the_checkpoint(trainer, monolite, tmp_path):
    """Runs where TensorFlow is installed (`pip install tensorflow-cpu`). Its values are those in the graph that we export."""
    tf = pytest.importorskip('tensorflow').compat.v1
    done = monolite('train', *TINY, '--training_number_of_steps=2', f'--train_logdir={tmp_path}')
    assert done.returncode == 0, done.stderr
    done = monolite('export', f'--checkpoint_path={tmp_path}', f'--export_path={tmp_path}/float.pb', '--depth_multiplier=0.35',
                    '--crop_size=33,33', '--output_stride=16')
    assert done.returncode == 0, done.stderr
    latest = tf.train.latest_checkpoint(str(tmp_path))
    assert latest == str(tmp_path / 'model.ckpt-2')
    reader = tf.train.load_checkpoint(latest)
    constants = {n.name: tf.make_ndarray(n.attr['value'].tensor)
                 for n in tf.GraphDef.FromString((tmp_path / 'float.pb').read_bytes()).node if n.op == 'Const'}
    shared = [name for name in reader.get_variable_to_shape_map() if name in constants]
    assert len(shared) > 200
    for name in shared:
        value = reader.get_tensor(name)  # checks the file's checksums
        assert value.dtype == constants[name].dtype and (value == constants[name]).all(), name


def test_interrupt_saves(trainer, tmp_path):
    process = subprocess.Popen([trainer, *TINY, '--training_number_of_steps=100000', f'--train_logdir={tmp_path}', '--log_steps=1'],
                               stderr=subprocess.PIPE, text=True)
    assert 'step 1/' in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 1
    assert 'the same command goes on from there' in process.stderr.read()
    assert (tmp_path / 'checkpoint').exists()


def curve(folder):
    return [(r['step'], float(r['loss'])) for r in csv.DictReader(open(folder / 'train.csv')) if r['loss']]


FROZEN = ['--fine_tune_batch_norm=false', '--head_keep_prob=1', '--train_batch_size=4', '--log_steps=1']


def test_two_workers_with_half_the_batch_are_as_one(trainer, monolite, tmp_path):
    one, two = tmp_path / 'one', tmp_path / 'two'
    assert monolite('train', *TINY, *FROZEN, '--training_number_of_steps=10', f'--train_logdir={one}').returncode == 0
    done = monolite('train', *TINY, *FROZEN, '--training_number_of_steps=10', f'--train_logdir={two}', '--num_clones=2')
    assert done.returncode == 0, done.stderr
    assert curve(one) == [(step, pytest.approx(loss, rel=1e-4)) for step, loss in curve(two)]
    assert curve(one)[0][1] != curve(one)[-1][1]


WHOLE = ['--head_keep_prob=1', '--train_batch_size=4', '--log_steps=1', '--sync_batch_norm', '--batch_norm_decay=0.9', '--training_number_of_steps=8']


@pytest.mark.parametrize('more', [[], ['--quantize_delay_step=3'], ['--quantize_delay_step=0', '--freeze_bn_delay=5', '--symmetric_weights']],
                         ids=['float', 'quantized_later', 'quantized_then_frozen'])
def test_workers_with_synchronised_batch_norms_are_as_one(trainer, monolite, tmp_path, more):
    one, two = tmp_path / 'one', tmp_path / 'two'
    assert monolite('train', *TINY, *WHOLE, *more, f'--train_logdir={one}').returncode == 0
    done = monolite('train', *TINY, *WHOLE, *more, f'--train_logdir={two}', '--num_clones=2')
    assert done.returncode == 0 and 'first one' not in done.stderr, done.stderr
    first, rest = curve(one)[0], curve(one)[1:]
    assert first == (curve(two)[0][0], pytest.approx(curve(two)[0][1], rel=1e-4))
    # Batch norms over four small pictures enlarge what rounding does.
    assert rest == [(step, pytest.approx(loss, rel=1e-2)) for step, loss in curve(two)[1:]]
    apart = tmp_path / 'apart'
    flags = [f for f in WHOLE if f != '--sync_batch_norm']
    done = monolite('train', *TINY, *flags, *more, '--training_number_of_steps=1', f'--train_logdir={apart}', '--num_clones=2')
    assert done.returncode == 0 and 'the whole' in done.stderr, done.stderr
    assert abs(curve(apart)[0][1] - first[1]) > 2e-4 * first[1]


def test_killed_worker_ends_the_run_which_then_goes_on(trainer, monolite, tmp_path):
    flags = [*TINY, *FROZEN, f'--train_logdir={tmp_path}', '--num_clones=2', '--save_interval_steps=2']
    process = subprocess.Popen([trainer, *flags, '--training_number_of_steps=100000'], stderr=subprocess.PIPE, text=True)
    while 'step 5/' not in process.stderr.readline():
        assert process.poll() is None
    other, = subprocess.check_output(['ps', '-o', 'pid=', '--ppid', str(process.pid)], text=True).split()
    os.kill(int(other), signal.SIGKILL)
    assert process.wait(timeout=60) == 3
    assert 'another worker is gone' in process.stderr.read()
    assert (tmp_path / 'checkpoint').exists()


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff


def records(path):
    """The records of a TFRecord file; every length and checksum is looked at."""
    data = path.read_bytes()
    while data:
        length, = struct.unpack('<Q', data[:8])
        assert struct.unpack('<I', data[8:12])[0] == masked(data[:8])
        record = data[12:12 + length]
        assert struct.unpack('<I', data[12 + length:16 + length])[0] == masked(record)
        yield record
        data = data[16 + length:]


def test_tensorboard_finds_curves_ranges_and_pictures(trainer, monolite, tmp_path):
    done = monolite('train', *TINY, '--quantize_delay_step=0', '--training_number_of_steps=2', '--log_steps=1', '--validation_samples=2',
                    f'--train_logdir={tmp_path}')
    assert done.returncode == 0 and 'mIoU' in done.stdout, done.stderr
    file, = tmp_path.glob('events.out.tfevents.*')
    events = list(records(file))
    assert b'brain.Event:2' in events[0]
    for what in (b'loss', b'learning_rate', b'miou', b'ranges/logits/semantic/act_quant/max', b'samples', b'PNG'):
        assert any(what in e for e in events), what


def test_wrong_flags_are_told(trainer, monolite, tmp_path):
    for flag, word in [('--num_clones=3', 'a multiple of 3'), ('--optimizer=lamb', 'momentum or adam'), ('--output_stride=7', '8, 16 or 32'),
                       ('--dataset=moon', 'scenes'), ('--model_variant=xception_65', 'mobilenet_edgetpu'), ('--label_weights=1,2', '8 classes'),
                       ('--train_crop_size=9', 'height and width'),
                       ('--max_resize_value=600', 'no --min_resize_value'), ('--min_resize_value=-1', '1 to 8192')]:
        done = monolite('train', *TINY, f'--train_logdir={tmp_path}/x', flag)
        assert done.returncode == 2 and word in done.stderr, (flag, done.stderr)
    done = monolite('train', *TINY, f'--train_logdir={tmp_path}/x', '--resume')
    assert done.returncode == 3 and 'no checkpoint to go on from' in done.stderr
    assert monolite('train', *TINY).returncode == 2


def test_learning_rate_that_explodes_is_told(trainer, monolite, tmp_path):
    done = monolite('train', *TINY, '--base_learning_rate=1e18', '--training_number_of_steps=50', f'--train_logdir={tmp_path}')
    assert done.returncode == 3 and 'lower --base_learning_rate' in done.stderr, done.stderr
