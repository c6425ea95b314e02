"""OSNet: omni-scale feature learning for person re-identification (Zhou et al., ICCV 2019, arXiv 1905.00953).

Written from the paper. Parts are named and laid out as torchreid's (KaiyangZ/deep-person-reid), so that its published
weights load. With ``instance_norm`` the stem and the first stage normalise each picture by itself, which takes light
and colour cast away (OSNet-IBN, arXiv 1910.06827).
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

Width = Literal["x1.0", "x0.75", "x0.5", "x0.25"]
CHANNELS: dict[Width, tuple[int, int, int, int]] = {
    "x1.0": (64, 256, 384, 512),
    "x0.75": (48, 192, 288, 384),
    "x0.5": (32, 128, 192, 256),
    "x0.25": (16, 64, 96, 128),
}
BOTTLENECK, GATE_REDUCTION, STREAMS = 4, 16, 4


class OSNet(nn.Module):
    """Four streams of growing field a block, weighed against one another by one gate.

    Args:
        width: how many channels, relative to the paper's largest net.
        dimension: numbers of the embedding.
        people: of the classifier that training uses, or 0: none.
        instance_norm: in the stem and the first stage.
        rectify: ReLU after the embedding, as torchreid has it; without it the numbers may be negative.
    """

    def __init__(
        self, width: Width, *, dimension: int = 512, people: int = 0, instance_norm: bool = False, rectify: bool = True
    ) -> None:
        super().__init__()
        stem, first, second, third = CHANNELS[width]
        self.conv1 = ConvNorm(3, stem, 7, stride=2, instance_norm=instance_norm)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2 = _stage(stem, first, shrink=True, instance_norm=instance_norm)
        self.conv3 = _stage(first, second, shrink=True)
        self.conv4 = _stage(second, third, shrink=False)
        self.conv5 = ConvNorm(third, third, 1)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        head: list[nn.Module] = [nn.Linear(third, dimension), nn.BatchNorm1d(dimension)]
        self.fc = nn.Sequential(*head, *([nn.ReLU(inplace=True)] if rectify else []))
        self.classifier = nn.Linear(dimension, people) if people else None
        _initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """Embeddings (b, dimension) float32 of (b, 3, h, w) float32 pictures, normalised as the weights want them."""
        found = self.conv5(self.conv4(self.conv3(self.conv2(self.maxpool(self.conv1(images))))))
        return self.fc(self.global_avgpool(found).flatten(1))


class ConvNorm(nn.Module):
    """Convolution, normalisation, ReLU (or none)."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        size: int,
        *,
        stride: int = 1,
        instance_norm: bool = False,
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False)
        self.bn = nn.GroupNorm(outputs, outputs) if instance_norm else nn.BatchNorm2d(outputs)
        self.relu = nn.Identity() if linear else nn.ReLU(inplace=True)

    def forward(self, images: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(images)))


class LightConv(nn.Module):
    """A 3x3 convolution in two parts: across channels, then across places."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, groups=outputs, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, images: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv2(self.conv1(images))))


class Gate(nn.Module):
    """How much of each channel of a stream counts, from the stream itself; shared by the streams of a block."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, channels // GATE_REDUCTION, 1)
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = nn.Conv2d(channels // GATE_REDUCTION, channels, 1)
        self.gate_activation = nn.Sigmoid()

    def forward(self, images: Tensor) -> Tensor:
        return images * self.gate_activation(self.fc2(self.relu(self.fc1(self.global_avgpool(images)))))


class OmniBlock(nn.Module):
    """A residual block with four streams: one to four light convolutions one after the other."""

    def __init__(self, inputs: int, outputs: int, *, instance_norm: bool = False) -> None:
        super().__init__()
        middle = outputs // BOTTLENECK
        self.conv1 = ConvNorm(inputs, middle, 1)
        self.conv2a = LightConv(middle, middle)
        self.conv2b, self.conv2c, self.conv2d = (
            nn.Sequential(*(LightConv(middle, middle) for _ in range(length))) for length in range(2, STREAMS + 1)
        )
        self.gate = Gate(middle)
        self.conv3 = ConvNorm(middle, outputs, 1, linear=True)
        self.downsample = ConvNorm(inputs, outputs, 1, linear=True) if inputs != outputs else nn.Identity()
        self.IN = nn.GroupNorm(outputs, outputs) if instance_norm else nn.Identity()
        self.relu = nn.ReLU(inplace=True)

    def forward(self, images: Tensor) -> Tensor:
        entry = self.conv1(images)
        streams = self.gate(self.conv2a(entry))
        for stream in (self.conv2b, self.conv2c, self.conv2d):
            streams = streams + self.gate(stream(entry))
        return self.relu(self.IN(self.conv3(streams) + self.downsample(images)))


def _stage(inputs: int, outputs: int, *, shrink: bool, instance_norm: bool = False) -> nn.Sequential:
    blocks: list[nn.Module] = [
        OmniBlock(inputs, outputs, instance_norm=instance_norm),
        OmniBlock(outputs, outputs, instance_norm=instance_norm),
    ]
    if shrink:
        blocks.append(nn.Sequential(ConvNorm(outputs, outputs, 1), nn.AvgPool2d(2, stride=2)))
    return nn.Sequential(*blocks)


def _initialise(net: nn.Module) -> None:
    for part in net.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, 0.0, 0.01)
            nn.init.zeros_(part.bias)
