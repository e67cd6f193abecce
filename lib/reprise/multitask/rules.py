"""Rules that say how relevant each source is, from what an epoch has learned.

Of the papers: `uniform` (passive), `least_l2_rule` (L2-A-MTRL), `lasso_rule` (L1-A-MTRL). Ours, what a
practitioner would also try: `gradient_rule` (sources whose loss pulls the shared map the way the target's
loss does), `embedding_rule` (sources whose own predictor points the target's way), `shared_rule`
(MultiTaskLasso: one set of sources for all targets of a stack) and `shuffled` (the same relevances on random
sources, which keeps how many sources are chosen and forgets which).
"""

from __future__ import annotations

import numpy as np

from reprise.errors import InputError
from reprise.multitask.active import Epoch, Rule
from reprise.multitask.lasso import lasso
from reprise.multitask.relevance import least_l2
from reprise.multitask.representation import fit_single


def uniform(epoch: Epoch) -> np.ndarray:
    """All sources alike: zeros (targets, T), which `allocate` takes as no preference."""
    return np.zeros_like(epoch.nu)


def least_l2_rule(epoch: Epoch) -> np.ndarray:
    """nu^2 (targets, T) of the estimated heads."""
    return least_l2(epoch.fitted.heads, epoch.head)


def lasso_rule(share: float = 0.1) -> Rule:
    """nu^1 estimated by Lasso on the estimated heads, at `share` of the largest penalty."""
    return lambda epoch: lasso(epoch.fitted.heads, epoch.head, share)


def gradient_rule(epoch: Epoch) -> np.ndarray:
    """Cosine (targets, T), at least 0, of each source's gradient in the shared map with the target's."""
    basis, s = epoch.fitted.basis, epoch.statistics
    residual = s.moment - np.einsum("...tij,...tj->...ti", s.gram, epoch.fitted.parameters)
    # the gradient of a task's loss is its residual moment times its head: rank one, so cosines factor
    own = epoch.target
    target_residual = own.moment[:, 0] - (own.gram[:, 0] @ (basis @ epoch.head[..., None]))[..., 0]
    pull = _cosine(residual, target_residual) * _cosine(np.swapaxes(epoch.fitted.heads, -1, -2), epoch.head)
    return np.maximum(pull, 0)


def embedding_rule(epoch: Epoch) -> np.ndarray:
    """Absolute cosine (targets, T) of each source's own ridge predictor with the target's."""
    return np.abs(_cosine(fit_single(epoch.statistics), fit_single(epoch.target)[:, 0]))


def shared_rule(share: float = 0.1) -> Rule:
    """Row norms of MultiTaskLasso, one allocation for the whole stack of targets, which must share one fit.

    The stack's targets are expressed by one set of sources (L21 norm), at `share` of the largest penalty.
    """

    def rule(epoch: Epoch) -> np.ndarray:
        from sklearn.linear_model import MultiTaskLasso

        heads = epoch.fitted.heads[0]
        if not np.allclose(epoch.fitted.heads, heads):
            raise InputError("one set of sources for several targets needs one fit that they share")
        aims = epoch.head.T  # (k, targets)
        # scikit-learn halves the mean over the k rows, so its largest penalty is over k
        most = np.linalg.norm(heads.T @ aims, axis=1).max() / len(aims)
        fitted = MultiTaskLasso(alpha=share * most, fit_intercept=False, max_iter=50_000, tol=1e-6)
        relevance = np.linalg.norm(fitted.fit(heads, aims).coef_, axis=0)
        return np.broadcast_to(relevance, epoch.nu.shape)

    return rule


def shuffled(rule: Rule, generator: np.random.Generator) -> Rule:
    """The rule's relevances, given to sources at random: as sparse, but not chosen."""
    return lambda epoch: generator.permuted(rule(epoch), axis=-1)


def _cosine(vectors: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Cosine (..., T) of vectors (..., T, d) with target (..., d)."""
    along = (vectors @ target[..., None])[..., 0]
    lengths = np.linalg.norm(vectors, axis=-1) * np.linalg.norm(target, axis=-1)[..., None]
    return along / np.maximum(lengths, 1e-300)
