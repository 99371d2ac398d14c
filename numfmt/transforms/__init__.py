"""What goes before block quantisation: rotations, orders of channels, outliers, clipping."""

from .channels import (
    ChannelKey,
    Clipped,
    SplitOutliers,
    channel_order,
    clip_quantile,
    clip_symmetric,
    inverse_order,
    permute_channels,
    split_outliers,
)
from .rotations import hadamard, random_signs, rotate

__all__ = [
    "ChannelKey",
    "Clipped",
    "SplitOutliers",
    "channel_order",
    "clip_quantile",
    "clip_symmetric",
    "hadamard",
    "inverse_order",
    "permute_channels",
    "random_signs",
    "rotate",
    "split_outliers",
]
