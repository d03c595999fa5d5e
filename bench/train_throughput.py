"""Steps a second of monolite-train beside the same net in plain Python with Debian's python3-torch (the same library).

  /usr/bin/python3 bench/train_throughput.py build/bin/monolite-train [--rounds 3] [--threads 2]

Both train DeepLab v3 over MobileNet v2 with batch norms, momentum and weight decay on pictures of 129x129, in turns; the best
round of each counts. The Python net sees one ready batch again and again; monolite-train makes its pictures meanwhile.
"""
import argparse
import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault('OMP_WAIT_POLICY', 'passive')

CROP, BATCH, CLASSES, MULTIPLIER, HEAD, STEPS = 129, 16, 8, 0.5, 128, 40
BLOCKS = [(1, 1, 16), (6, 2, 24), (6, 1, 24), (6, 2, 32), (6, 1, 32), (6, 1, 32), (6, 2, 64), (6, 1, 64), (6, 1, 64), (6, 1, 64), (6, 1, 96),
          (6, 1, 96), (6, 1, 96), (6, 1, 160), (6, 1, 160), (6, 1, 160), (6, 1, 320)]


def python_steps_per_second(threads):
    import torch
    from torch import nn
    from torch.nn import functional as F
    torch.set_num_threads(threads)

    def unit(i, o, kernel=1, stride=1, rate=1, groups=1, activation=nn.ReLU6, epsilon=1e-3):
        layers = [nn.Conv2d(i, o, kernel, stride, rate * (kernel - 1) // 2, rate, groups, bias=False), nn.BatchNorm2d(o, epsilon, 0.003)]
        return nn.Sequential(*layers, *([activation(inplace=True)] if activation else []))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            c = round(32 * MULTIPLIER)
            self.first, self.blocks = unit(3, c, 3, 2), nn.ModuleList()
            for index, (expansion, stride, channels) in enumerate(BLOCKS):
                inner, out = c * expansion, round(channels * MULTIPLIER)
                parts = [unit(c, inner)] if expansion > 1 else []
                parts += [unit(inner, inner, 3, stride, 2 if index > 13 else 1, inner), unit(inner, out, activation=None)]
                self.blocks.append(nn.Sequential(*parts))
                c = out
            head = dict(activation=nn.ReLU, epsilon=1e-5)
            self.pooling, self.aspp, self.projection = unit(c, HEAD, **head), unit(c, HEAD, **head), unit(2 * HEAD, HEAD, **head)
            self.logits = nn.Conv2d(HEAD, CLASSES, 1)

        def forward(self, x):
            x = self.first(x)
            for block in self.blocks:
                y = block(x)
                x = x + y if y.shape == x.shape else y
            pooled = F.interpolate(self.pooling(x.mean((2, 3), keepdim=True)), x.shape[2:], mode='bilinear', align_corners=True)
            x = F.dropout(self.projection(torch.cat([pooled, self.aspp(x)], 1)), 0.1)
            return F.interpolate(self.logits(x), (CROP, CROP), mode='bilinear', align_corners=True)

    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), 0.01, 0.9, weight_decay=4e-5)
    images, labels = torch.rand(BATCH, 3, CROP, CROP) * 2 - 1, torch.randint(0, CLASSES, (BATCH, CROP, CROP))
    for step in range(STEPS + 4):
        if step == 4:
            start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()
    return STEPS / (time.perf_counter() - start)


def our_steps_per_second(program, threads):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, '--dataset=scenes', f'--train_logdir={folder}', f'--depth_multiplier={MULTIPLIER}', f'--aspp_convs_filters={HEAD}',
                        f'--train_crop_size={CROP},{CROP}', f'--train_batch_size={BATCH}', '--base_learning_rate=0.01', '--min_scale_factor=1',
                        '--max_scale_factor=1', f'--training_number_of_steps={STEPS + 4}', '--log_steps=4', f'--num_threads={threads}', '--quiet'],
                       check=True, stdout=subprocess.DEVNULL)
        rows = list(csv.DictReader(open(pathlib.Path(folder) / 'train.csv')))[1:]
        return len(rows) / sum(BATCH / float(r['images_per_second']) for r in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('program')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--threads', type=int, default=os.cpu_count())
    args = parser.parse_args()
    ours, theirs = [], []
    for _ in range(args.rounds):
        ours.append(our_steps_per_second(args.program, args.threads))
        theirs.append(python_steps_per_second(args.threads))
    print('monolite-train  ' + ' '.join(f'{s:.2f}' for s in ours) + ' steps/s')
    print('plain Python    ' + ' '.join(f'{s:.2f}' for s in theirs) + ' steps/s')
    print(f'best to best    {max(ours) / max(theirs):.3f}')
    return 0 if max(ours) >= 0.9 * max(theirs) else 1


if __name__ == '__main__':
    sys.exit(main())
