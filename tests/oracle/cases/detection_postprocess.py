"""TFLite_Detection_PostProcess: both suppressions, float and uint8, thresholds, limits, with and without a background."""
from flatbuffers import flexbuffers
from single_op import const, op, q, tensor
import numpy as np


def cases(r):
    for dtype in ('float32', 'uint8'):
        for regular in (False, True):
            for boxes in (1, 5, 60, 400):
                for background in (0, 1):
                    for classes, per_box in ((1, 1), (3, 1), (3, 2), (20, 3), (90, 1)):
                        yield one(r, dtype, regular, boxes, background, classes, per_box)


def one(r, dtype, regular, boxes, background, classes, per_box):
    # LiteRT leaves what it does not fill as it was: without regular suppression there are as many boxes as room.
    limit = int(r.choice([1, 3, 10, 25])) if regular else 1 if boxes < 60 else int(r.choice([1, 2, 5]))
    if regular:
        per_box = 1
    iou, threshold = float(r.choice([0.3, 0.6, 1.0])), 0.0 if not regular else float(r.choice([0.0, 0.4, 0.95, -1e9]))
    fields = dict(max_detections=limit, max_classes_per_detection=per_box, num_classes=classes, nms_score_threshold=threshold,
                  nms_iou_threshold=iou if regular else 1.0, y_scale=10.0, x_scale=10.0, h_scale=5.0, w_scale=5.0)
    if regular:
        fields['use_regular_nms'] = True
        if r.rand() < 0.7:
            fields['detections_per_class'] = int(r.choice([1, 5, 100]))
    builder = flexbuffers.Builder()
    with builder.Map():
        for key, value in fields.items():
            builder.Key(key)
            (builder.Bool if isinstance(value, bool) else builder.Int if isinstance(value, int) else builder.Float)(value)
    wide = int(r.choice([4, 4, 7]))
    if dtype == 'float32':
        anchors = r.uniform(0.1, 0.9, (boxes, 4)).astype(np.float32)
        inputs = [tensor(dtype, (1, boxes, wide)), tensor(dtype, (1, boxes, classes + background), values=(0, 1)), const(anchors)]
    else:
        anchors = r.randint(3, 256, (boxes, 4)).astype(np.uint8)
        inputs = [tensor(dtype, (1, boxes, wide), q(0.05, 120)), tensor(dtype, (1, boxes, classes + background), q(1 / 256, 0)),
                  const(anchors, q(0.004, 2))]
    room = limit * per_box
    outputs = [tensor('float32', s) for s in ((1, room, 4), (1, room), (1, room), (1,))]
    return op('TFLite_Detection_PostProcess', inputs, outputs, custom_options=bytes(builder.Finish()))
