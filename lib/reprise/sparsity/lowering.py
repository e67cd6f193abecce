"""A torch network as a list of operations that the kernels know: batch norms folded, activations attached.

`torch.fx` gives the graph, so any module that can be traced and whose layers are known will do. A layer that
is not is named by its path. Folding is done in float64: weight * gamma / sqrt(variance + eps), which keeps
zeros zero.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reprise.errors import InputError
from reprise.sparsity.kernels.arguments import EVERYTHING, Bounds
from reprise.sparsity.pointwise import check_weights

KINDS = ("stem", "pointwise", "depthwise", "pool", "linear", "scale")


@dataclass
class Operation:
    """One step: what it is, the layer it came from, the values it reads and writes (0 is the image).

    `scale` multiplies value `inputs[0]` in place by `inputs[1]`. `residual` is a value added before the
    activation.
    """

    kind: str
    path: str
    inputs: list[int]
    output: int
    weights: np.ndarray | None = None
    bias: np.ndarray | None = None
    stride: int = 1
    epilogue: str = "none"
    bounds: Bounds = EVERYTHING
    residual: int | None = None


@dataclass
class _State:
    operations: list[Operation] = field(default_factory=list)
    values: dict[Any, int] = field(default_factory=dict)
    made_by: dict[int, Operation] = field(default_factory=dict)
    vectors: set[int] = field(default_factory=set)
    next: int = 1


def lower(model: Any) -> list[Operation]:
    """The operations of a `torch.nn.Module` in evaluation mode, in their order.

    Raises `InputError`, naming the layer by its module path, for a network that cannot be traced, a layer
    that is not known or weights that are not finite.
    """
    import torch

    try:
        graph = torch.fx.symbolic_trace(model)
    except Exception as error:
        raise InputError(
            f"the network cannot be traced: {type(error).__name__}: {' '.join(str(error).split())[:160]}",
            remedy="its forward pass must not depend on the data",
        ) from error
    modules, state = dict(graph.named_modules()), _State()
    for node in graph.graph.nodes:
        if node.op == "placeholder":
            if state.values:
                raise InputError("the network has several inputs", given=node.name)
            state.values[node] = 0
        elif node.op == "output":
            last = node.args[0]
            if last not in state.values or not state.operations:
                raise InputError("the network must end in one output of a known layer", given=str(last))
            if state.values[last] != state.operations[-1].output:
                raise InputError("the network's output is not what its last layer makes", given=str(last))
        else:
            _lower_node(node, modules, state)
    for operation in state.operations:
        if operation.weights is not None:
            _check(operation)
    return state.operations


def _check(operation: Operation) -> None:
    try:
        check_weights(operation.weights, operation.bias)
    except InputError as error:
        raise InputError(f"layer {operation.path!r}: {error.what}", remedy=error.remedy) from error


def _lower_node(node: Any, modules: dict[str, Any], state: _State) -> None:
    from torch import nn
    from torch.nn import functional

    if node.op == "call_module":
        layer, path = modules[node.target], node.target
        if isinstance(layer, nn.Conv2d):
            return _convolution(node, layer, path, state)
        if isinstance(layer, nn.Linear):
            return _linear(node, layer.weight, layer.bias, path, state)
        if isinstance(layer, nn.BatchNorm2d):
            return _fold(node, layer, path, state)
        if isinstance(layer, nn.AdaptiveAvgPool2d):
            return _pool(node, layer.output_size, path, state)
        if isinstance(layer, nn.Dropout | nn.Identity | nn.Flatten):
            return _same(node, state)
        if isinstance(layer, nn.Hardtanh):  # ReLU6 is one
            return _activate(node, "clamp", (layer.min_val, layer.max_val), path, state)
        simple = {
            nn.ReLU: ("clamp", (0.0, np.inf)),
            nn.SiLU: ("silu", EVERYTHING),
            nn.Sigmoid: ("sigmoid", EVERYTHING),
        }
        if type(layer) in simple:
            return _activate(node, *simple[type(layer)], path, state)
        raise _unknown(path, type(layer).__name__)
    target, path = node.target, f"{node.name} ({getattr(node.target, '__name__', node.target)})"
    if target in (operator.add, operator.iadd) or getattr(target, "__name__", "") in ("add", "add_"):
        return _add(node, path, state)
    if target in (operator.mul, operator.imul) or getattr(target, "__name__", "") == "mul":
        return _scale(node, path, state)
    if target is functional.adaptive_avg_pool2d:
        return _pool(node, node.args[1] if len(node.args) > 1 else node.kwargs["output_size"], path, state)
    if getattr(target, "__name__", target) == "flatten":
        return _same(node, state)
    if target in (functional.relu, functional.relu6):
        return _activate(node, "clamp", (0.0, np.inf if target is functional.relu else 6.0), path, state)
    raise _unknown(path, node.op)


def _unknown(path: str, kind: str) -> InputError:
    return InputError(
        f"layer {path!r} is a {kind}, which the sparse executor does not know",
        remedy="it knows 1x1, depthwise and first k x k convolutions, batch norm, ReLU, ReLU6, SiLU, "
        "sigmoid, global average pooling, squeeze and excitation, shortcuts and fully connected layers",
    )


def _append(state: _State, node: Any, operation: Operation, vector: bool = False) -> None:
    state.operations.append(operation)
    state.values[node] = operation.output
    state.made_by[operation.output] = operation
    state.next += 1
    if vector:
        state.vectors.add(operation.output)


def _same(node: Any, state: _State) -> None:
    state.values[node] = state.values[node.args[0]]


def _array(tensor: Any) -> np.ndarray:
    return tensor.detach().cpu().numpy().astype(np.float64)


def _convolution(node: Any, layer: Any, path: str, state: _State) -> None:
    source = state.values[node.args[0]]
    size, stride, groups = layer.kernel_size, layer.stride, layer.groups
    weights = _array(layer.weight)
    bias = _array(layer.bias) if layer.bias is not None else np.zeros(len(weights))
    square = len({*size}) == len({*stride}) == 1 and layer.dilation == (1, 1)
    padded = layer.padding in ((size[0] // 2,) * 2, "same") and layer.padding_mode == "zeros"
    if not square or not padded or size[0] % 2 == 0 or stride[0] not in (1, 2):
        raise _unknown(path, f"convolution with kernel {size}, stride {stride}, padding {layer.padding}")
    if source in state.vectors:
        return _linear(node, layer.weight.flatten(1), layer.bias, path, state)
    if groups == layer.in_channels == layer.out_channels and groups > 1 and source != 0:
        kind, weights = "depthwise", weights[:, 0]
    elif groups == 1 and size == (1, 1) and stride == (1, 1) and source != 0:
        kind, weights = "pointwise", weights[:, :, 0, 0]
    elif groups == 1 and source == 0:
        kind = "stem"
    else:
        what = f"{size[0]} x {size[1]} convolution in {groups} groups with stride {stride[0]}"
        raise _unknown(
            path, what + (" as the first layer" if source == 0 else " that is not the first layer")
        )
    _append(state, node, Operation(kind, path, [source], state.next, weights, bias, stride[0]))
    return None


def _linear(node: Any, weight: Any, bias: Any, path: str, state: _State) -> None:
    source, weights = state.values[node.args[0]], _array(weight)
    if source not in state.vectors:
        raise InputError(f"layer {path!r} needs pooled planes, one number a channel")
    start = _array(bias) if bias is not None else np.zeros(len(weights))
    _append(state, node, Operation("linear", path, [source], state.next, weights, start), vector=True)


def _alone(node: Any, path: str, state: _State) -> Operation:
    """The operation that made a node's input, if nothing else reads it and nothing follows it yet."""
    before = node.args[0]
    made = state.made_by.get(state.values[before])
    if made is None or len(before.users) > 1 or made.epilogue != "none" or made.kind in ("pool", "scale"):
        raise _unknown(path, "step that cannot be joined to the layer before it")
    return made


def _fold(node: Any, layer: Any, path: str, state: _State) -> None:
    made = _alone(node, path, state)
    if made.weights is None or made.residual is not None or layer.running_var is None:
        raise _unknown(path, "batch norm that does not follow a convolution")
    scale = 1 / np.sqrt(_array(layer.running_var) + layer.eps)
    shift = np.zeros_like(scale)
    if layer.affine:
        scale, shift = scale * _array(layer.weight), _array(layer.bias)
    made.weights = made.weights * scale.reshape(-1, *[1] * (made.weights.ndim - 1))
    made.bias = (made.bias - _array(layer.running_mean)) * scale + shift
    state.values[node] = made.output


def _activate(node: Any, epilogue: str, bounds: Bounds, path: str, state: _State) -> None:
    made = _alone(node, path, state)
    made.epilogue, made.bounds = epilogue, bounds
    state.values[node] = made.output


def _add(node: Any, path: str, state: _State) -> None:
    """A shortcut: joined to the 1x1 convolution that was made last of the two."""
    if len(node.args) != 2 or not all(a in state.values for a in node.args):
        raise _unknown(path, "sum of something other than two layers")
    first, second = sorted(node.args, key=lambda n: state.values[n])
    made = state.made_by.get(state.values[second])
    joined = made is not None and made.kind == "pointwise" and made.residual is None
    if not joined or made.epilogue != "none" or len(second.users) > 1 or state.values[first] == 0:
        raise _unknown(path, "shortcut that does not end at a 1x1 convolution without activation")
    made.residual = state.values[first]
    state.values[node] = made.output


def _pool(node: Any, size: Any, path: str, state: _State) -> None:
    if size not in (1, (1, 1), [1, 1]):
        raise _unknown(path, f"pooling to {size}")
    source = state.values[node.args[0]]
    if source == 0 or source in state.vectors:
        raise _unknown(path, "pooling of something other than planes")
    _append(state, node, Operation("pool", path, [source], state.next), vector=True)


def _scale(node: Any, path: str, state: _State) -> None:
    """Planes times a number a channel, in place: nothing else may read the planes afterwards."""
    if len(node.args) != 2 or not all(a in state.values for a in node.args):
        raise _unknown(path, "product of something other than two layers")
    factors, planes = sorted(node.args, key=lambda n: state.values[n] not in state.vectors)
    pair = [state.values[planes], state.values[factors]]
    later = [user for user in planes.users if user is not node and user not in state.values]
    if pair[0] in state.vectors or pair[0] == 0 or pair[1] not in state.vectors or later:
        raise _unknown(path, "product that is no squeeze and excitation")
    _append(state, node, Operation("scale", path, pair, state.next))
