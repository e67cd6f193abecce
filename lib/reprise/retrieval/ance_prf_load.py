"""ANCE-PRF query encoders from dense retrievers: what is inherited, and from where.

Everything is inherited, the head and LayerNorm too (Yu et al. 2021, arXiv 2108.13454), as Li et al. found
that it must be (arXiv 2112.06400, Table 3). Passages and their index stay the retriever's.

| retriever | vector | head |
|---|---|---|
| ance | first token | linear layer and LayerNorm, from the checkpoint |
| tct_colbert-v2-hnp | mean from the fifth token on | none |
| distilbert-dot-tas_b-b256 | first token | none |
| a checkpoint folder, all-MiniLM-L6-v2 | mean of the tokens, scaled to unit length | none |

Deviation: where the retriever has no head one is put after its pooling, a linear layer that starts as the
identity. That changes no vector and lets "inherited or re-initialised" be asked of such retrievers too:
what is inherited is then the identity, that is, the retriever's own vector space. With k = 0 and before any
step, an encoder gives what the retriever's own query encoder gives.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprise.errors import EnvironmentNotReady, InputError
from reprise.retrieval.ance_prf_input import PrfForm
from reprise.retrieval.ance_prf_model import HEAD, KIND, PrfEncoder, readable_tokens
from reprise.retrieval.checkpoint import DESCRIPTION, MINILM, load_transformer, read_description

if TYPE_CHECKING:
    import torch

POOLED = {"ance": "first", "tct_colbert-v2-hnp": "after-marker", "distilbert-dot-tas_b-b256": "first"}
"""How the papers' retrievers make one vector of a sequence; all others take the mean."""

FORMS = {
    "ance": PrfForm(lower_case=True),
    "tct_colbert-v2-hnp": PrfForm(max_query_tokens=36, marker="[Q]", fill=True),
    "distilbert-dot-tas_b-b256": PrfForm(),
}


def load_prf_encoder(
    start: str | Path,
    *,
    checkpoint: str | Path | None = None,
    precision: str = "float32",
    threads: int | None = None,
    device: str = "cpu",
    batch_size: int = 32,
    pooling: str | None = None,
    **form: Any,
) -> PrfEncoder:
    """The PRF query encoder that starts as `start`, or one that `PrfEncoder.save` wrote.

    `start` is a dense retriever's name or folder, as `load_encoder` takes it; for one of the papers' names a
    `checkpoint` of the same kind may stand in for the released one: another retriever's weights, or a PRF
    encoder that its authors released. `pooling` and `form` (fields of `PrfForm`) change what the retriever
    brings. Raises `EnvironmentNotReady` when there is no such checkpoint, `InputError` when it is of another
    architecture and `ParameterError` for limits that the encoder cannot keep.
    """
    import torch

    if start in POOLED:
        tower, tokenizer = _paper_tower(str(start), None if checkpoint is None else str(checkpoint))
        settings: dict[str, Any] = {"pooling": POOLED[start], "normalise": False}
        made = FORMS[start]
    elif _is_prf_folder(start):
        tower, tokenizer, settings, made = _saved_tower(Path(start))
    else:
        tower, tokenizer, settings, made = _retriever_tower(start)
    settings["pooling"] = pooling or settings["pooling"]
    tower["body"].to(getattr(torch, precision))
    made = replace(made, **form)
    return PrfEncoder(
        tower.to(device).eval(),
        tokenizer,
        made,
        **settings,
        threads=threads,
        device=device,
        batch_size=batch_size,
    )


def _paper_tower(name: str, checkpoint: str | None) -> tuple[torch.nn.ModuleDict, Any]:
    import torch

    from reprise.retrieval.paper_encoders import load_paper_encoder

    made = load_paper_encoder(name, checkpoint)
    if name != "ance":
        body, tokenizer = load_transformer(made.checkpoint)
        return torch.nn.ModuleDict({"body": body, "head": _identity(body.config.hidden_size)}), tokenizer
    from transformers import AutoConfig, AutoTokenizer

    from reprise.retrieval.java import start_java

    start_java()  # pyserini must find a running JVM when it is imported
    from pyserini.encode import AnceEncoder

    try:
        kind = AutoConfig.from_pretrained(made.checkpoint).model_type
        tokenizer = AutoTokenizer.from_pretrained(made.checkpoint)
        model, found = (
            AnceEncoder.from_pretrained(made.checkpoint, output_loading_info=True)
            if kind == "roberta"
            else (None, {})
        )
    except (OSError, ValueError) as error:
        raise EnvironmentNotReady(
            f"no checkpoint of ANCE can be loaded: {' '.join(str(error).split())[:200]}",
            given=made.checkpoint,
            remedy="connect to the hub once, or give a local checkpoint with its tokenizer",
        ) from error
    if model is None:
        raise InputError(
            "the checkpoint is of another architecture than ANCE's RoBERTa",
            given=kind,
            remedy="give a checkpoint of ANCE or ANCE-PRF",
        )
    lacking = sorted(name for name in found["missing_keys"] if ".pooler." not in name)
    if lacking:  # transformers would go on with random weights
        raise InputError(
            "the checkpoint is no ANCE encoder: it lacks weights",
            given=lacking[:4],
            remedy="give a checkpoint of ANCE or ANCE-PRF, with its head",
        )
    head = torch.nn.Sequential(model.embeddingHead, model.norm)
    return torch.nn.ModuleDict({"body": model.roberta, "head": head}), tokenizer


def _saved_tower(folder: Path) -> tuple[torch.nn.ModuleDict, Any, dict[str, Any], PrfForm]:
    import torch

    about = read_description(folder, KIND)
    body, tokenizer = load_transformer(folder)
    weights = torch.load(folder / HEAD, map_location="cpu", weights_only=True)
    shapes = {name: tuple(w.shape) for name, w in weights.items()}
    if "0.weight" in weights:  # ANCE's linear layer and LayerNorm
        out, size = shapes["0.weight"]
        head: Any = torch.nn.Sequential(torch.nn.Linear(size, out), torch.nn.LayerNorm(out))
    else:
        head = _identity(shapes["weight"][0])
    head.load_state_dict(weights)
    settings = {"pooling": about["pooling"], "normalise": about["normalise"]}
    return torch.nn.ModuleDict({"body": body, "head": head}), tokenizer, settings, PrfForm(**about["form"])


def _retriever_tower(start: str | Path) -> tuple[torch.nn.ModuleDict, Any, dict[str, Any], PrfForm]:
    """A retriever trained by this package, or a sentence encoder with mean pooling."""
    import torch

    about: dict[str, Any] = {"pooling": "mean", "normalise": True, "max_query_tokens": 32}
    if str(start) != MINILM and (Path(start) / DESCRIPTION).is_file():
        about |= read_description(start, "dense")
    body, tokenizer = load_transformer(start)
    settings = {
        "pooling": {"mean": "mean", "cls": "first"}[about["pooling"]],
        "normalise": about["normalise"],
    }
    form = PrfForm(max_tokens=readable_tokens(body.config), max_query_tokens=about["max_query_tokens"])
    return (
        torch.nn.ModuleDict({"body": body, "head": _identity(body.config.hidden_size)}),
        tokenizer,
        settings,
        form,
    )


def _is_prf_folder(start: str | Path) -> bool:
    return (Path(start) / HEAD).is_file()


def _identity(size: int) -> torch.nn.Linear:
    import torch

    head = torch.nn.Linear(size, size)
    torch.nn.init.eye_(head.weight)
    torch.nn.init.zeros_(head.bias)
    return head
