"""The verbs export and convert, as users paste them from TensorFlow's pages, and what can go wrong."""
import json
import lzma

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

TINY = ['--model_variant=mobilenet_v2', '--depth_multiplier=0.35', '--output_stride=16', '--crop_size=65', '--crop_size=65']


@pytest.fixture
def checkpoint(shared):
    return shared / 'fixtures/deeplab_tiny_qat/model.ckpt-30000'


def test_the_way_of_the_quantize_page(monolite, checkpoint, shared, tmp_path):
    pb, model = tmp_path / 'new/folder/frozen_inference_graph.pb', tmp_path / 'frozen_inference_graph.tflite'
    done = monolite('export', f'--checkpoint_path={checkpoint}', '--quantize_delay_step=0', f'--export_path={pb}', *TINY)
    assert done.returncode == 0, done.stderr
    done = monolite('convert', f'--quantized_graph_def_path={pb}', '--input_tensor_name=MobilenetV2/MobilenetV2/input:0',
                    f'--output_tflite_path={model}', f'--test_image_path={shared}/images/cat.jpg')
    assert done.returncode == 0, done.stderr
    assert '% pixels have matched semantic labels.' in done.stdout
    assert 'input   MobilenetV2/MobilenetV2/input: uint8 1x65x65x3' in done.stdout
    assert 'the size that the graph\'s own preprocessing pads to' in done.stderr


def resized(x, height, width):
    """Bilinear with align_corners, [h, w, c]."""
    def along(x, n):
        at = np.arange(n) * (x.shape[0] - 1) / max(n - 1, 1)
        low = np.minimum(at.astype(int), x.shape[0] - 1)
        high, part = np.minimum(low + 1, x.shape[0] - 1), (at - low)[:, None, None]
        return x[low] * (1 - part) + x[high] * part
    return along(along(x, height).swapaxes(0, 1), width).swapaxes(0, 1)


def run_float(model, picture):
    it = Interpreter(model_path=str(model), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    it.set_tensor(it.get_input_details()[0]['index'], picture[None].astype(np.float32))
    it.invoke()
    return it.get_tensor(it.get_output_details()[0]['index'])[0]


def test_views_of_a_picture_are_averaged(monolite, shared, tmp_path):
    """A graph of two scales, each mirrored too, beside four runs of graphs of one view, put together by hand."""
    checkpoint = shared / 'fixtures/deeplab_tiny_float/model.ckpt-30000'
    net = ['--depth_multiplier=0.35', '--output_stride=16', f'--checkpoint_path={checkpoint}']

    def made(name, crop, *flags, output='ArgMax'):
        pb, model = tmp_path / f'{name}.pb', tmp_path / f'{name}.tflite'
        done = monolite('export', *net, f'--crop_size={crop}', f'--crop_size={crop}', f'--export_path={pb}', *flags)
        assert done.returncode == 0, done.stderr
        done = monolite('convert', f'--graph_def_file={pb}', f'--output_file={model}', '--inference_type=FLOAT',
                        '--input_arrays=MobilenetV2/MobilenetV2/input', f'--output_arrays={output}', f'--input_shapes=1,{crop},{crop},3')
        assert done.returncode == 0, done.stderr
        return model

    views = made('views', 65, '--inference_scales=1.0', '--inference_scales=1.25', '--add_flipped_images')
    picture = np.asarray(Image.open(shared / 'images/cat.jpg').convert('RGB').resize((65, 65)), np.float32) / 127.5 - 1
    sum_of_all = 0
    for crop in (65, 81):  # 64 * 1.25 + 1
        one = made(f'one{crop}', crop, output='logits/semantic/BiasAdd')
        scaled = resized(picture, crop, crop)
        for mirror in (1, -1):
            logits = resized(run_float(one, scaled[:, ::mirror])[:, ::mirror], 65, 65)
            e = np.exp(logits - logits.max(2, keepdims=True))
            sum_of_all = sum_of_all + e / e.sum(2, keepdims=True)
    assert (run_float(views, picture) == sum_of_all.argmax(2)).mean() > 0.999
    assert views.stat().st_size < 1.3 * (tmp_path / 'one65.tflite').stat().st_size, 'the weights are there once'


def test_classes_and_filters_are_read_from_the_checkpoint_and_ranges_are_not_dropped_silently(monolite, checkpoint, tmp_path):
    done = monolite('export', f'--checkpoint_path={checkpoint.parent}', f'--export_path={tmp_path}/a.pbtxt', *TINY)
    assert done.returncode == 0, done.stderr
    assert 'note: 4 classes, as the checkpoint\'s last layer has' in done.stderr
    assert 'exporting float: add --quantize_delay_step=0' in done.stderr
    assert (tmp_path / 'a.pbtxt').read_text().startswith('node {')


def test_mlperf_command_lines_of_ssd(monolite, shared, tmp_path):
    for kind, more in (('float', []), ('qat', ['--inference_type=QUANTIZED_UINT8', '--mean_values=128', '--std_dev_values=128'])):
        graph = tmp_path / 'tflite_graph.pb'
        graph.write_bytes(lzma.open(shared / f'fixtures/ssd_mobilenet_v2_300_{kind}/tflite_graph.pb.xz').read())
        done = monolite('convert', '--graph_def_file', graph, '--enable_v1_converter', '--experimental_new_converter=False',
                        '--output_file', tmp_path / 'ssdv2.tflite', '--input_shapes=1,300,300,3',
                        '--input_arrays=normalized_input_image_tensor',
                        '--output_arrays=TFLite_Detection_PostProcess,TFLite_Detection_PostProcess:1,'
                        'TFLite_Detection_PostProcess:2,TFLite_Detection_PostProcess:3',
                        *more, '--change_concat_input_ranges=false', '--allow_custom_ops')
        assert done.returncode == 0, done.stderr
        report = json.loads(monolite('inspect', tmp_path / 'ssdv2.tflite', '--json').stdout)
        assert report['nodes'][-1]['op'] == 'TFLite_Detection_PostProcess'


def test_mlperf_command_line_of_deeplab(monolite, shared, tmp_path):
    graph = shared / 'fixtures/deeplab_tiny_float/frozen_inference_graph.pb'
    done = monolite('convert', f'--graph_def_file={graph}', f'--output_file={tmp_path}/float.tflite', '--output_format=TFLITE',
                    '--input_shape=1,65,65,3', '--input_arrays=MobilenetV2/MobilenetV2/input',
                    '--change_concat_input_ranges=true', '--output_arrays=ArgMax')
    assert done.returncode == 0, done.stderr


def test_a_deeplab_graph_is_converted_without_naming_its_arrays(monolite, shared, tmp_path):
    graph = shared / 'fixtures/deeplab_tiny_float/frozen_inference_graph.pb'
    done = monolite('convert', f'--graph_def_file={graph}', f'--output_file={tmp_path}/a.tflite', f'--test_image_path={shared}/images/cat.jpg')
    assert done.returncode == 0 and '100.00%' in done.stdout, done.stdout
    assert 'begins behind its preprocessing, at MobilenetV2/MobilenetV2/input' in done.stderr, done.stderr
    done = monolite('convert', f'--quantized_graph_def_path={graph}', f'--output_tflite_path={tmp_path}/b.tflite', '--inference_type=FLOAT')
    assert (tmp_path / 'a.tflite').read_bytes() == (tmp_path / 'b.tflite').read_bytes()


def test_a_graph_is_named_as_other_verbs_name_a_model(monolite, shared, tmp_path):
    graph, saved = shared / 'fixtures/deeplab_tiny_float/frozen_inference_graph.pb', shared / 'fixtures/saved_model/tf2_keras'
    for by_name, by_flag in ((graph, f'--graph_def_file={graph}'), (saved, f'--saved_model_dir={saved}')):
        assert monolite('convert', by_name, '-o', tmp_path / 'a.tflite').returncode == 0
        assert monolite('convert', by_flag, '-o', tmp_path / 'b.tflite').returncode == 0
        assert (tmp_path / 'a.tflite').read_bytes() == (tmp_path / 'b.tflite').read_bytes()
    done = monolite('convert', graph, f'--graph_def_file={graph}', '-o', tmp_path / 'c.tflite')
    assert done.returncode == 2 and 'and a graph by a flag' in done.stderr, done.stderr


def test_of_scores_the_best_classes_are_compared(monolite, shared, tmp_path):
    done = monolite('convert', f'--saved_model_dir={shared}/fixtures/saved_model/tf2_keras', f'--output_file={tmp_path}/m.tflite',
                    f'--test_image_path={shared}/images/cat.jpg')
    assert done.returncode == 0 and '100.00% pixels' in done.stdout, done.stdout


def test_lacks_minmax_names_the_ways_out(monolite, shared, tmp_path):
    graph = shared / 'fixtures/deeplab_tiny_float/frozen_inference_graph.pb'
    done = monolite('convert', f'--quantized_graph_def_path={graph}', f'--output_tflite_path={tmp_path}/x.tflite')
    assert done.returncode == 3
    for words in ('no range (MinMax) for "MobilenetV2/Conv/Relu6"', '--quantize_delay_step=0', '--inference_type=FLOAT',
                  '--default_ranges_min=0', '--calibration DIR'):
        assert words in done.stderr
    assert not (tmp_path / 'x.tflite').exists()


def test_passes_are_named_timed_and_left_out_by_name(monolite, shared, tmp_path):
    graph = shared / 'fixtures/deeplab_tiny_os8_float/frozen_inference_graph.pb'
    base = ['convert', f'--graph_def_file={graph}', '-o', tmp_path / 'x.tflite', '--input_arrays=MobilenetV2/MobilenetV2/input',
            '--output_arrays=ArgMax']
    report = json.loads(monolite(*base, '--json').stdout)
    passes = {p['name']: p for p in report['passes']}
    assert passes['merge_dilation']['changed'] == 10 and passes['fold_into_convolution']['changed'] > 40
    assert all(p['ms'] >= 0 and not p['left_out'] for p in passes.values())
    less = json.loads(monolite(*base, '--json', '--without_pass=merge_dilation').stdout)
    assert [p['name'] for p in less['passes'] if p['left_out']] == ['merge_dilation']
    assert less['nodes'] >= report['nodes'] + 20
    done = monolite(*base, '--verbose')
    assert 'fuse_activations' in done.stdout and 'merge_dilation' in done.stdout
    wrong = monolite(*base, '--without_pass=merge_dilations')
    assert wrong.returncode == 2 and 'did you mean "merge_dilation"' in wrong.stderr


@pytest.mark.parametrize('kind, dtype', [('INT8', np.int8), ('QUANTIZED_UINT8', np.uint8)])
def test_a_float_graph_is_calibrated_on_pictures(monolite, shared, tmp_path, kind, dtype):
    graph, out = shared / 'fixtures/deeplab_tiny_float/frozen_inference_graph.pb', tmp_path / 'made.tflite'
    ends = ['--input_arrays=MobilenetV2/MobilenetV2/input', '--output_arrays=ArgMax']
    cat = shared / 'images/cat.jpg'
    done = monolite('convert', f'--graph_def_file={graph}', '-o', out, f'--inference_type={kind}', *ends,
                    f'--calibration={shared}/images', f'--test_image_path={cat}', '--json')
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report['equal_share'] > 0.85 and report['post_training']['layers']
    picture = np.asarray(Image.open(cat).convert('RGB').resize((65, 65), Image.BILINEAR))[None]
    masks = []
    for model in (out, shared / 'fixtures/deeplab_tiny_float/toco.tflite'):
        it = Interpreter(model_path=str(model), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        it.allocate_tensors()
        detail = it.get_input_details()[0]
        if model == out:
            assert detail['dtype'] == dtype and np.float32 not in {d['dtype'] for d in it.get_tensor_details()}
        fed = {np.uint8: picture, np.int8: (picture.astype(np.int16) - 128).astype(np.int8),
               np.float32: (picture.astype(np.float32) - 127.5) / 127.5}
        it.set_tensor(detail['index'], fed[detail['dtype']])
        it.invoke()
        masks.append(it.get_tensor(it.get_output_details()[0]['index']))
    assert np.mean(masks[0] == masks[1]) > 0.85
    wrong = monolite('convert', f'--graph_def_file={graph}', '-o', out, *ends, f'--calibration={shared}/images')
    assert wrong.returncode == 2 and 'INT8 or QUANTIZED_UINT8' in wrong.stderr


def test_trained_ranges_give_way_to_a_calibration_and_that_is_said(monolite, shared, tmp_path):
    graph = shared / 'fixtures/deeplab_tiny_qat/frozen_inference_graph.pb'
    done = monolite('convert', f'--quantized_graph_def_path={graph}', '-o', tmp_path / 'x.tflite',
                    f'--calibration={shared}/images')
    assert done.returncode == 0, done.stderr
    assert 'trained ranges (FakeQuant)' in done.stderr and 'Without --calibration' in done.stderr


@pytest.mark.parametrize('flags, code, words', [
    ([], 2, 'no --output_file'),
    (['--output_file=x'], 2, '--graph_def_file'),
    (['--output_file=x', '--graph_def_file=/nonexistent.pb'], 3, 'No such file'),
    (['--output_file=x', '--graph_def_file=GRAPH', '--input_arrays=MobilenetV2/MobilenetV2/inputs'], 3,
     'did you mean "MobilenetV2/MobilenetV2/input"?'),
    (['--output_file=x', '--graph_def_file=GRAPH', '--inference_type=FLOAT8'], 2, 'FLOAT, QUANTIZED_UINT8 or INT8'),
    (['--output_file=x', '--graph_def_file=GRAPH', '--default_ranges_min=0'], 2, 'both or none'),
    (['--output_file=x', '--graph_def_file=GRAPH', '--input_arrays=Cast', '--output_arrays=ArgMax'], 3, '--input_shapes'),
])
def test_what_can_go_wrong(flags, code, words, monolite, shared, tmp_path):
    graph = shared / 'fixtures/deeplab_tiny_float/frozen_inference_graph.pb'
    done = monolite('convert', *[f.replace('GRAPH', str(graph)) for f in flags], cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []
