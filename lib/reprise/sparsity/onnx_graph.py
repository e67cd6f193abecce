"""A network's operations as an ONNX graph, for ONNX Runtime as a dense peer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from reprise.sparsity.lowering import Operation


def onnx_network(
    operations: Sequence[Operation], images: np.ndarray, threads: int
) -> Callable[[], np.ndarray]:
    """The operations as an ONNX graph in ONNX Runtime, all of its optimisations on."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        onnx_model(operations, images.shape), options, providers=["CPUExecutionProvider"]
    )
    return lambda: session.run(None, {"v0": images})[0]


def onnx_model(operations: Sequence[Operation], shape: Sequence[int]) -> bytes:
    """A serialised ONNX model of the operations for images of this shape."""
    from onnx import TensorProto, helper, numpy_helper

    nodes, tensors = [], []

    def constant(name: str, array: np.ndarray) -> str:
        tensors.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    for op in operations:
        source, output = f"v{op.inputs[0]}", f"v{op.output}"
        at = output
        ended = op.epilogue != "none" or op.residual is not None
        raw = f"{output}_raw" if ended else output
        if op.kind in ("stem", "pointwise", "depthwise"):
            size = op.weights.shape[-1] if op.kind != "pointwise" else 1
            weights = op.weights.astype(np.float32).reshape(len(op.weights), -1, size, size)
            names = [constant(f"{at}_w", weights), constant(f"{at}_b", op.bias.astype(np.float32))]
            settings = {
                "kernel_shape": [size, size],
                "strides": [op.stride] * 2,
                "pads": [size // 2] * 4,
                "group": len(op.weights) if op.kind == "depthwise" else 1,
            }
            nodes.append(helper.make_node("Conv", [source, *names], [raw], **settings))
        elif op.kind == "pool":
            nodes.append(helper.make_node("GlobalAveragePool", [source], [f"{at}_pooled"]))
            nodes.append(helper.make_node("Flatten", [f"{at}_pooled"], [raw]))
        elif op.kind == "linear":
            names = [
                constant(f"{at}_w", op.weights.astype(np.float32)),
                constant(f"{at}_b", op.bias.astype(np.float32)),
            ]
            nodes.append(helper.make_node("Gemm", [source, *names], [raw], transB=1))
        else:
            axes = constant(f"{at}_axes", np.array([2, 3], np.int64))
            nodes.append(helper.make_node("Unsqueeze", [f"v{op.inputs[1]}", axes], [f"{at}_factor"]))
            nodes.append(helper.make_node("Mul", [source, f"{at}_factor"], [raw]))
        if op.residual is not None:
            summed = f"{output}_sum" if op.epilogue != "none" else output
            nodes.append(helper.make_node("Add", [raw, f"v{op.residual}"], [summed]))
            raw = summed
        if op.epilogue == "clamp":
            low, high = op.bounds
            if np.isinf(high):
                nodes.append(helper.make_node("Relu", [raw], [output]))
            else:
                limits = [constant(f"{at}_{n}", np.float32(v)) for n, v in (("low", low), ("high", high))]
                nodes.append(helper.make_node("Clip", [raw, *limits], [output]))
        elif op.epilogue == "sigmoid":
            nodes.append(helper.make_node("Sigmoid", [raw], [output]))
        elif op.epilogue == "silu":
            nodes.append(helper.make_node("Sigmoid", [raw], [f"{at}_gate"]))
            nodes.append(helper.make_node("Mul", [raw, f"{at}_gate"], [output]))
    float_ = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("v0", float_, list(shape))],
        [helper.make_tensor_value_info(f"v{operations[-1].output}", float_, None)],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return model.SerializeToString()
