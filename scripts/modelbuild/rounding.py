"""Choose the rounding of weights so that each layer's output changes least on real photos.

Rounding to nearest minimizes the error of each weight, not the error of their weighted sum. If d is the change of a
kernel and C the covariance of its inputs, the error of the output has the variance d C d', which is minimized: for the
nine weights of a depthwise channel by trying all 2^9 ways to round up or down with several step sizes; for 1x1 layers
by GPTQ (Frantar et al. 2022), which rounds one input at a time and corrects the inputs that follow. The mean error that
remains is corrected in the bias.
"""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scripts.modelbuild.activation_stats import Moments
from scripts.modelbuild.architecture import Layer, Parameters, Weights
from scripts.modelbuild.graph import IMAGE_STEP, RELU6_STEP
from scripts.modelbuild.quantize import LARGEST, Decision, Decisions, kernel_steps, no_decision, quantize

Float64 = NDArray[np.float64]

DAMPING = 0.01
"""Fraction of the mean variance that is added to the diagonal, so that directions without variance have a cost."""

LARGEST_SHRINK = 10


class _Choice(NamedTuple):
    shrink: NDArray[np.uint8]  # [out]
    whole: Float64  # [out, n] integers


def decide(plan: list[Layer], weights: Weights, moments: dict[str, Moments]) -> Decisions:
    """Rounding decisions of all layers in ``plan``."""
    return {layer.name: _decide(layer, weights[layer.name], moments[layer.name]) for layer in plan}


def _decide(layer: Layer, parameters: Parameters, seen: Moments) -> Decision:
    real = np.moveaxis(parameters.kernel, layer.channel_axis, 0).reshape(len(parameters.bias), -1).astype(np.float64)
    choose = _try_all if layer.kind == "depthwise" else _gptq
    choice = choose(layer, parameters, real, _damped(seen.covariance))
    step = kernel_steps(layer, parameters, choice.shrink).astype(np.float64)
    shift = ((real - choice.whole * step[:, None]) * seen.mean).sum(1)
    return _as_decision(layer, parameters, choice, shift)


def _as_decision(layer: Layer, parameters: Parameters, choice: _Choice, shift: Float64) -> Decision:
    """Difference of the choice from rounding to nearest, which is small and compresses well."""
    nearest = no_decision(parameters)._replace(shrink=choice.shrink)
    input_step = IMAGE_STEP if layer.kind == "conv" else RELU6_STEP
    plain = quantize(layer, parameters, input_step, nearest)
    moved = np.moveaxis(parameters.kernel, layer.channel_axis, 0).shape
    kernel = np.moveaxis(choice.whole.reshape(moved), 0, layer.channel_axis) - plain.kernel
    wanted = np.rint((parameters.bias + shift) / plain.bias_step.astype(np.float64))
    return Decision(choice.shrink, kernel.astype(np.int8), (wanted - plain.bias).astype(np.int32))


def _damped(covariance: Float64) -> Float64:
    n = covariance.shape[-1]
    level = DAMPING * np.trace(covariance, axis1=-2, axis2=-1) / n + 1e-9
    damped: Float64 = covariance + level[..., None, None] * np.eye(n)
    return damped


def _try_all(layer: Layer, parameters: Parameters, real: Float64, covariance: Float64) -> _Choice:
    """Try all 2^9 roundings of each depthwise channel at each step size; real [channels, 9], covariance [.., 9, 9]."""
    ups = np.array(list(itertools.product((0.0, 1.0), repeat=real.shape[1])))
    best = np.full(len(real), np.inf)
    shrink, whole = np.zeros(len(real), np.uint8), np.zeros_like(real)
    for percent in range(LARGEST_SHRINK + 1):
        tried = np.full(len(real), percent, np.uint8)
        step = kernel_steps(layer, parameters, tried).astype(np.float64)[:, None]
        candidates = np.clip(np.floor(real / step)[:, None] + ups, -LARGEST, LARGEST)  # [channels, 512, 9]
        change = candidates * step[:, None] - real[:, None]
        cost = ((change @ covariance) * change).sum(2)
        winner = cost.argmin(1)
        lowest = cost[np.arange(len(real)), winner]
        better = lowest < best
        best[better], shrink[better] = lowest[better], percent
        whole[better] = candidates[np.arange(len(real)), winner][better]
    return _Choice(shrink, whole)


def _gptq(layer: Layer, parameters: Parameters, real: Float64, covariance: Float64) -> _Choice:
    """Round a dense layer by GPTQ, inputs of the greatest variance first; real [out, n], covariance [n, n]."""
    shrink = np.zeros(len(real), np.uint8)
    step = kernel_steps(layer, parameters, shrink).astype(np.float64)
    order = np.argsort(-np.diag(covariance), kind="stable")
    carry = np.linalg.cholesky(np.linalg.inv(covariance[np.ix_(order, order)])).T
    left = real.T[order].copy()
    whole = np.zeros_like(left)
    for j in range(len(left)):
        whole[j] = np.clip(np.rint(left[j] / step), -LARGEST, LARGEST)
        left[j + 1 :] -= np.outer(carry[j, j + 1 :], (left[j] - whole[j] * step) / carry[j, j])
    return _Choice(shrink, whole[np.argsort(order)].T)
