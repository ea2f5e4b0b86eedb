"""Names of torch's operations, by what they mean to the tracer."""

CONVOLUTIONS = {
    "aten::convolution",
    "aten::_convolution",
    "aten::mkldnn_convolution",
    "aten::cudnn_convolution",
    "aten::convolution_overrideable",
}
PRODUCTS = {
    "aten::mm",
    "aten::addmm",
    "aten::bmm",
    "aten::baddbmm",
    "aten::matmul",
    "aten::linear",
    "aten::mv",
    "aten::addmv",
    "aten::dot",
    "aten::_addmm_activation",
}
BATCH_NORMS = {
    "aten::batch_norm",
    "aten::native_batch_norm",
    "aten::_native_batch_norm_legit",
    "aten::_native_batch_norm_legit_functional",
    "aten::_native_batch_norm_legit_no_training",
    "aten::_batch_norm_with_update",
    "aten::_batch_norm_no_update",
    "aten::batch_norm_elemt",
    "aten::cudnn_batch_norm",
    "aten::miopen_batch_norm",
}
NORMS = {
    "aten::native_layer_norm": "layer-norm",
    "aten::native_group_norm": "group-norm",
    "aten::_fused_rms_norm": "layer-norm",
    "aten::rms_norm": "layer-norm",
    "aten::_weight_norm_interface": "weight-norm",
}
SCALING = {
    "mul", "mul_", "div", "div_", "where", "masked_fill", "masked_fill_", "index_put",
    "index_put_", "lerp", "addcmul", "masked_scatter", "index_fill", "index_fill_",
}  # fmt: skip
SHAPE_ONLY = {
    "empty_like", "zeros_like", "ones_like", "full_like", "new_empty", "new_zeros", "new_ones",
    "new_full", "new_empty_strided", "zero_", "fill_",
}  # fmt: skip
REDUCTIONS = {"mean", "sum", "var", "std", "var_mean", "std_mean", "linalg_vector_norm", "amax"}
SOFTMAXES = {"_softmax", "softmax", "_safe_softmax", "_masked_softmax"}
DROPOUTS = {"aten::native_dropout", "aten::_fused_dropout"}
BY_VALUE = {"aten::bernoulli", "aten::multinomial", "aten::poisson", "aten::normal"}
"""Random operations whose result depends on their input."""
ADDING = {"add", "add_", "sub", "sub_"}
QUIET = {"aten::rrelu_with_noise", "aten::rrelu_with_noise_functional"}
"""Randomised activation functions, which are no technique."""


def short_of(name: str) -> str:
    """Return the name of an operation without its namespace."""
    return name.rsplit("::", maxsplit=1)[-1]


def draws_alone(short: str) -> bool:
    """Return whether a random operation takes no more than the form of its input."""
    plain = short.removesuffix("_")
    return plain.endswith("_like") or plain in {
        "rand", "randn", "randint", "randperm", "random", "uniform", "normal", "log_normal",
        "exponential", "bernoulli", "cauchy", "geometric", "normal_functional",
    }  # fmt: skip


FORM = {
    "alias", "as_strided", "clone", "copy", "detach", "device", "empty", "empty_like", "expand",
    "permute", "reshape", "resize", "squeeze", "t", "to", "transpose", "unsqueeze",
    "unsafe_view", "view", "lift_fresh", "contiguous",
}  # fmt: skip
"""Operations that change no more than the form of a tensor."""

PARTS = {
    "select", "slice", "split", "split_with_sizes", "unbind", "unsafe_split",
    "unsafe_split_with_sizes",
}  # fmt: skip
"""Operations that give parts of a tensor."""


def family_of(name: str) -> str:
    """Return what an operation does, in whatever kernel; empty where it changes form alone."""
    if name in CONVOLUTIONS:
        return "convolution"
    if name in PRODUCTS:
        return "product"
    if name in BATCH_NORMS:
        return "batch norm"
    short = plain_of(name)
    if short.startswith(("scaled_dot_product", "flash_attention")):
        return "attention"
    return "" if short in FORM | PARTS else short


def plain_of(name: str) -> str:
    """Return the name of an operation, whether it works in place or not."""
    return short_of(name).strip("_")
