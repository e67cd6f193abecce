"""uniCOIL: one weight, not below zero, for each token of a text, learned from its context.

Lin and Ma 2021 (arXiv 2106.14807), section 2: weight = ReLU(w . h + b) over the contextual vector h of a
token; a passage keeps the largest weight of each distinct token, a query adds up the weights of a
repeated one, and the score is the sum over shared tokens of weight x weight. No expansion here.

The folder has the layout of pyserini's `UniCoilEncoder` (`bert.*`, `tok_proj.*`), so it can be opened by
either; unlike pyserini we give no weight to [SEP]. Tokens are named as the tokeniser names them ("##ing"),
without white space, so a pretokenised Lucene index keeps them whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reprise.retrieval.checkpoint import load_transformer, read_description, write_description
from reprise.retrieval.contrastive import inner_products
from reprise.retrieval.torch_settings import autocast, use_threads
from reprise.retrieval.tower import Tokens, hidden_states, tokenise
from reprise.retrieval.training import Progress
from reprise.texts import check_texts

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase


def make_module(start: str | Path, seed: int = 0) -> tuple[torch.nn.Module, PreTrainedTokenizerBase]:
    """The encoder with its linear layer (`bert`, `tok_proj`) and the tokeniser.

    The layer starts with small random weights and bias 1: every token then weighs about 1, no ReLU is
    dead, and the first scores are counts of shared tokens.
    """
    import torch

    model, tokenizer = load_transformer(start)
    head = make_head(model.config.hidden_size, seed)
    return torch.nn.ModuleDict({"bert": model, "tok_proj": head}), tokenizer


def make_head(size: int, seed: int = 0) -> torch.nn.Linear:
    """The linear layer at its start, for states of this size."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = torch.nn.Linear(size, 1)
        torch.nn.init.normal_(head.weight, std=0.02)
        torch.nn.init.ones_(head.bias)
    return head


def token_weights(module: torch.nn.Module, tokens: Tokens, special: torch.Tensor) -> torch.Tensor:
    """Weights (texts, tokens), float32, not below zero; zero for padding and the `special` token ids."""
    import torch

    weights = weigh_states(module["tok_proj"], hidden_states(module["bert"], tokens))
    return weights.masked_fill(torch.isin(tokens["input_ids"], special), 0.0)


def weigh_states(head: torch.nn.Module, states: torch.Tensor) -> torch.Tensor:
    """ReLU(w . h + b) of states (..., dim): weights (...), float32."""
    import torch

    return torch.relu(head(states)).squeeze(-1).float()


def exact_match_scores(
    query_ids: torch.Tensor,
    query_weights: torch.Tensor,
    document_ids: torch.Tensor,
    document_weights: torch.Tensor,
) -> torch.Tensor:
    """Scores (queries, documents) from token ids and weights, both (texts, tokens).

    Both sides are laid out over the tokens that occur in this batch, not over the whole vocabulary.

    >>> import torch
    >>> exact_match_scores(torch.tensor([[7, 7, 8]]), torch.tensor([[1.0, 2.0, 1.0]]),   # 7: 1 + 2, 8: 1
    ...                    torch.tensor([[7, 7, 9]]), torch.tensor([[0.5, 2.0, 5.0]])).item()  # 7: max 2
    6.0
    """
    import torch

    vocabulary, places = torch.unique(
        torch.cat([query_ids.flatten(), document_ids.flatten()]), return_inverse=True
    )
    query_places = places[: query_ids.numel()].view_as(query_ids)
    document_places = places[query_ids.numel() :].view_as(document_ids)
    queries = query_weights.new_zeros(len(query_ids), len(vocabulary))
    queries = queries.scatter_add(1, query_places, query_weights)
    documents = document_weights.new_zeros(len(document_ids), len(vocabulary))
    documents = documents.scatter_reduce(1, document_places, document_weights, "amax")
    return inner_products(queries, documents)


def save_unicoil(
    module: torch.nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    folder: str | Path,
    *,
    max_query_tokens: int = 128,
    max_document_tokens: int = 256,
) -> None:
    """Write config, tokeniser, weights and `reprise.json`; the limits are those to weigh texts with."""
    from safetensors.torch import save_file

    Path(folder).mkdir(parents=True, exist_ok=True)
    module["bert"].config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    weights = {name: weight.detach().cpu().contiguous() for name, weight in module.state_dict().items()}
    save_file(weights, Path(folder) / "model.safetensors", metadata={"format": "pt"})
    write_description(
        folder,
        {"kind": "unicoil", "max_query_tokens": max_query_tokens, "max_document_tokens": max_document_tokens},
    )


@dataclass(frozen=True)
class UniCoil:
    """A trained uniCOIL encoder: texts in, {token: weight} out; tokens of weight zero are left out."""

    module: torch.nn.Module
    tokenizer: PreTrainedTokenizerBase
    max_query_tokens: int = 128
    max_document_tokens: int = 256
    precision: str = "float32"
    threads: int | None = None
    batch_size: int = 32
    device: str = "cpu"

    @classmethod
    def open(
        cls,
        folder: str | Path,
        *,
        precision: str = "float32",
        threads: int | None = None,
        batch_size: int = 32,
        device: str = "cpu",
    ) -> UniCoil:
        """Open a folder that `train_unicoil` wrote; `InputError` when it is another kind of checkpoint."""
        import torch
        from safetensors.torch import load_file
        from transformers import AutoConfig, AutoModel, AutoTokenizer

        description = read_description(folder, "unicoil")
        config = AutoConfig.from_pretrained(folder)
        with torch.random.fork_rng(devices=[]):  # the weights drawn here are all replaced below
            module = torch.nn.ModuleDict(
                {"bert": AutoModel.from_config(config), "tok_proj": torch.nn.Linear(config.hidden_size, 1)}
            )
        module.load_state_dict(load_file(Path(folder) / "model.safetensors"))
        return cls(
            module.eval().to(device),
            AutoTokenizer.from_pretrained(folder),
            description["max_query_tokens"],
            description["max_document_tokens"],
            precision,
            threads,
            batch_size,
            device,
        )

    def weigh_documents(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> list[dict[str, float]]:
        """For each text the largest weight of each of its distinct tokens."""
        return self._weigh(texts, self.max_document_tokens, max, progress)

    def weigh_queries(self, texts: Sequence[str], progress: Progress | None = None) -> list[dict[str, float]]:
        """For each text the summed weight of each of its distinct tokens."""
        return self._weigh(texts, self.max_query_tokens, lambda a, b: a + b, progress)

    def _weigh(self, texts: Sequence[str], max_tokens: int, combine, progress: Progress | None) -> list[dict]:
        import torch

        check_texts(texts, "text")
        special = torch.tensor(self.tokenizer.all_special_ids, device=self.device)
        by_length = sorted(range(len(texts)), key=lambda i: (len(texts[i]), i))  # less padding
        weighed: list[dict[str, float]] = [{} for _ in texts]
        batches = range(0, len(texts), self.batch_size)
        with torch.inference_mode(), use_threads(self.threads), autocast(self.device, self.precision):
            for begin in progress(batches, total=len(batches)) if progress else batches:
                batch = by_length[begin : begin + self.batch_size]
                tokens = tokenise(self.tokenizer, [texts[i] for i in batch], max_tokens, self.device)
                weights = token_weights(self.module, tokens, special).cpu().numpy()
                for text, ids, row in zip(batch, tokens["input_ids"].tolist(), weights.tolist(), strict=True):
                    names = self.tokenizer.convert_ids_to_tokens(ids)
                    for name, weight in zip(names, row, strict=True):
                        if weight > 0:
                            known = weighed[text].get(name)
                            weighed[text][name] = weight if known is None else combine(known, weight)
        return weighed


def weigh_queries_released(name: str, texts: Sequence[str]) -> list[dict[str, float]]:
    """Query weights by a released uniCOIL checkpoint (castorini/unicoil-msmarco-passage) through pyserini.

    pyserini rounds to whole levels, 256 to a weight of 5, and keeps the weight of [SEP], which its prebuilt
    indexes hold too; the levels are turned back into weights, so that quantising them gives the same levels.
    """
    from reprise.retrieval.java import start_java

    check_texts(texts, "query")
    start_java()  # importing pyserini needs a running JVM
    from pyserini.encode import UniCoilQueryEncoder

    encoder = UniCoilQueryEncoder(name)
    return [
        {
            token: level * encoder.weight_range / encoder.quant_range
            for token, level in encoder.encode(text).items()
            if level > 0
        }
        for text in texts
    ]
