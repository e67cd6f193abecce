"""What the sparse kernels are measured against: dense and sparse code of others, a layer or a network.

The honest dense baseline on a processor is oneDNN with weights packed beforehand and the activation fused,
on channels-last images; it is reached through torch's private `mkldnn` operators. A ratio to plain
`conv2d`, which packs its weights anew at each call, would flatter the sparse side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from reprise.errors import EnvironmentNotReady
from reprise.sparsity.lowering import Operation

DENSE_LAYERS = ("onednn-packed", "conv2d", "numpy")
SPARSE_LAYERS = ("torch-csr", "scipy-csr")
NETWORKS = ("onednn-packed", "torch", "onnxruntime")

_ATTRIBUTES = {"none": ("none", []), "relu": ("relu", []), "silu": ("swish", []), "sigmoid": ("sigmoid", [])}


def layer_peers(
    weights: np.ndarray, bias: np.ndarray, images: np.ndarray, wanted: Sequence[str]
) -> dict[str, Callable[[], Any]]:
    """Calls that compute one 1x1 layer on images (1, inputs, height, width), by name; each gives its output.

    Those on CSR matrices and on NumPy leave the bias out, which is in their favour.
    """
    import torch
    from scipy import sparse
    from torch.nn import functional

    _, channels, height, width = images.shape
    planes = np.ascontiguousarray(images.reshape(channels, height * width))
    x, w, b = torch.from_numpy(images), torch.from_numpy(weights), torch.from_numpy(bias)
    last = x.to(memory_format=torch.channels_last)
    w4, flat = w[:, :, None, None].contiguous(), torch.from_numpy(planes)
    found: dict[str, Callable[[], Any]] = {}
    if "onednn-packed" in wanted:
        found["onednn-packed"] = PackedConvolution(w4, b, last.shape)(last)
    if "conv2d" in wanted:
        w_last = w4.to(memory_format=torch.channels_last)
        found["conv2d"] = lambda: functional.conv2d(last, w_last, b)
    if "numpy" in wanted:
        found["numpy"] = lambda: weights @ planes
    if "torch-csr" in wanted:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the layout is announced as a beta feature
            csr = w.to_sparse_csr()
        found["torch-csr"] = lambda: csr @ flat
    if "scipy-csr" in wanted:
        matrix = sparse.csr_matrix(weights)
        found["scipy-csr"] = lambda: matrix @ planes
    return found


class PackedConvolution:
    """A convolution by oneDNN with weights packed for one shape of input."""

    def __init__(
        self,
        weights: Any,
        bias: Any,
        shape: Sequence[int],
        stride: int = 1,
        groups: int = 1,
        epilogue: str = "none",
        bounds: tuple[float, float] = (0.0, np.inf),
    ) -> None:
        import torch

        if not (torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_convolution_pointwise")):
            raise EnvironmentNotReady("this torch has no oneDNN operators", remedy="use a CPU build for x86")
        pad = weights.shape[-1] // 2
        self._rest = ([pad, pad], [stride, stride], [1, 1], groups)
        self._packed = torch._C._nn.mkldnn_reorder_conv2d_weight(
            weights.to_mkldnn(), *(tuple(part) for part in self._rest[:3]), groups, tuple(shape)
        )
        self._bias = bias
        if epilogue == "clamp" and bounds != (0.0, np.inf):
            self._attribute, self._numbers = "hardtanh", list(bounds)
        else:
            self._attribute, self._numbers = _ATTRIBUTES["relu" if epilogue == "clamp" else epilogue]

    def __call__(self, x: Any) -> Callable[[], Any]:
        """A call that computes it for these images."""
        return lambda: self.run(x)

    def run(self, x: Any) -> Any:
        """The output for images (n, channels, height, width), channels last."""
        import torch

        return torch.ops.mkldnn._convolution_pointwise(
            x, self._packed, self._bias, *self._rest, self._attribute, self._numbers, ""
        )


def network_peers(
    model: Any, operations: Sequence[Operation], images: np.ndarray, wanted: Sequence[str], threads: int
) -> dict[str, Callable[[], np.ndarray]]:
    """Calls that compute a whole network densely on images, by name: each gives logits (n, classes).

    "onednn-packed" and "onnxruntime" are given the operations with batch norms folded; "torch" is the module
    as it is, on channels-last images, in inference mode.
    """
    import torch

    x = torch.from_numpy(images).to(memory_format=torch.channels_last)
    found: dict[str, Callable[[], np.ndarray]] = {}
    if "onednn-packed" in wanted:
        found["onednn-packed"] = _packed_network(operations, x)
    if "torch" in wanted:
        last = model.to(memory_format=torch.channels_last)

        def run_torch() -> np.ndarray:
            with torch.inference_mode():
                return last(x).numpy()

        found["torch"] = run_torch
    if "onnxruntime" in wanted:
        from reprise.sparsity.onnx_graph import onnx_network

        found["onnxruntime"] = onnx_network(operations, images, threads)
    return found


def _packed_network(operations: Sequence[Operation], images: Any) -> Callable[[], np.ndarray]:
    """Each convolution by a packed one; what is between by torch's functions."""
    import torch
    from torch.nn import functional

    last_format = torch.channels_last
    shapes: dict[int, Any] = {0: torch.empty(images.shape, device="meta")}
    steps: list[Callable[[dict[int, Any]], None]] = []

    def put(output: int, function: Callable[[dict[int, Any]], Any]) -> None:
        steps.append(lambda values: values.__setitem__(output, function(values)))

    for op in operations:
        source, output = op.inputs[0], op.output
        before = shapes[source]
        if op.kind in ("stem", "pointwise", "depthwise"):
            size = op.weights.shape[-1] if op.kind != "pointwise" else 1
            groups = len(op.weights) if op.kind == "depthwise" else 1
            weights = torch.from_numpy(op.weights.astype(np.float32)).reshape(len(op.weights), -1, size, size)
            bias = torch.from_numpy(op.bias.astype(np.float32))
            joined = "none" if op.residual is not None else op.epilogue
            packed = PackedConvolution(
                weights, bias, tuple(before.shape), op.stride, groups, joined, op.bounds
            )
            shapes[output] = functional.conv2d(
                before, weights.to("meta"), None, op.stride, size // 2, 1, groups
            )
            put(output, lambda values, p=packed, s=source: p.run(values[s]))
            if op.residual is not None:
                put(output, lambda values, o=output, r=op.residual: values[o].add_(values[r]))
        elif op.kind == "pool":
            shapes[output] = torch.empty(before.shape[:2], device="meta")
            put(output, lambda values, s=source: values[s].mean((2, 3)))
        elif op.kind == "linear":
            weights, bias = (torch.from_numpy(a.astype(np.float32)) for a in (op.weights, op.bias))
            act = {"none": lambda v: v, "silu": functional.silu, "sigmoid": torch.sigmoid}[op.epilogue]
            shapes[output] = torch.empty((len(before), len(weights)), device="meta")
            put(
                output,
                lambda values, s=source, w=weights, b=bias, a=act: a(functional.linear(values[s], w, b)),
            )
        else:  # scale
            shapes[output] = before
            put(
                output,
                lambda values, s=source, f=op.inputs[1]: values[s].mul_(values[f][:, :, None, None]),
            )
    end, start = operations[-1].output, images.contiguous(memory_format=last_format)

    def run() -> np.ndarray:
        with torch.inference_mode():
            values = {0: start}
            for step in steps:
                step(values)
            return values[end].numpy()

    return run
