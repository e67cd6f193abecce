"""What the study's factors are called in tables, figures and sentences."""

from __future__ import annotations

NAMES = {
    "mobilenet-v1": "MobileNet v1",
    "mobilenet-v2": "MobileNet v2",
    "mobilenet-v2-cache-aware": "MobileNet v2, cache-aware (ours)",
    "efficientnet-b0": "EfficientNet-B0",
    "efficientnet-b1": "EfficientNet-B1",
    "onednn-packed": "oneDNN, packed",
    "conv2d": "torch conv2d",
    "numpy": "NumPy matmul",
    "torch": "torch, channels last",
    "onnxruntime": "ONNX Runtime",
    "torch-csr": "torch CSR (MKL)",
    "scipy-csr": "SciPy CSR",
    "sparse": "ours, sparse",
    "sparse, no panels": "ours, without panels",
    "multiply-adds": "multiply-adds alone",
    "passing planes on": "planes passed from core to core",
    "1x1": "unstructured",
    "paper": "as released",
    "slim": "slim list",
    "sgk": "sgk list",
    "one-shot": "one-shot magnitude",
    "random": "random pattern",
    "gradual": "gradual magnitude",
}
