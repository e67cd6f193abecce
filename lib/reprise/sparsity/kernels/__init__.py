"""The kernels of Fast Sparse ConvNets (arXiv 1911.09723) as LLVM IR, compiled at run time for the host.

Activations are planes of channels (CHW): one weight of a 1x1 convolution multiplies a contiguous run of
pixels, so a sparse weight costs a vector load and no gather. No compiler is needed on the user's machine:
llvmlite brings LLVM. Reading order: `host`, `writer`, `jit`, `epilogue`, `strip`, `depthwise`, `stem`,
`pooling`, `linear`, `program`, `pool`.
"""
