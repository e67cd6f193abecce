"""Training uniCOIL's token weights together with the encoder below them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reprise.retrieval.batch_order import Sampler, batch_order
from reprise.retrieval.early_choice import ChoiceFor
from reprise.retrieval.ranking_loss import InfoNCE, batch_loss
from reprise.retrieval.tower import Read, open_tower
from reprise.retrieval.training import Progress, TrainingLog, train
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import Triple, check_triples
from reprise.retrieval.unicoil import exact_match_scores, make_module, save_unicoil, token_weights

if TYPE_CHECKING:
    import torch

    from reprise.retrieval.stored_states import StoredStates


def train_unicoil(
    start: str | Path,
    triples: Sequence[Triple],
    folder: str | Path,
    settings: TrainingSettings,
    *,
    negatives: int = 1,
    head_learning_rate: float = 1e-3,
    max_query_tokens: int = 24,
    max_document_tokens: int = 96,
    trained_layers: int | None = None,
    states: tuple[StoredStates, StoredStates] | None = None,
    sampler: Sampler = batch_order,
    choice: ChoiceFor | None = None,
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> TrainingLog:
    """Train the token weights with InfoNCE over in-batch and hard negatives, and write the folder.

    The linear layer is new, so it has a learning rate of its own. `states`, `sampler`, `choice` and what is
    raised are as with `train_dense`; the head alone is trained by `token_weight_head`.
    """
    import torch

    check_triples(triples, negatives)
    module, tokenizer = make_module(start, settings.seed)
    tower = open_tower(
        module["bert"],
        tokenizer,
        max_query_tokens,
        max_document_tokens,
        trained_layers,
        states,
        device=settings.device,
        precision=settings.precision,
    )
    trained = torch.nn.ModuleDict({"bert": tower.model, "tok_proj": module["tok_proj"]})
    special = torch.tensor(tokenizer.all_special_ids, device=settings.device)

    def weigh(read: Read, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = read(texts)
        return tokens["input_ids"], token_weights(trained, tokens, special)

    def score(queries: Sequence[str], passages: Sequence[str]) -> torch.Tensor:
        return exact_match_scores(*weigh(tower.queries, queries), *weigh(tower.passages, passages))

    def optimiser(module: torch.nn.Module, settings: TrainingSettings) -> torch.optim.Optimizer:
        return torch.optim.AdamW(
            [
                {
                    "params": [p for p in module["bert"].parameters() if p.requires_grad],
                    "weight_decay": settings.weight_decay,
                },
                {
                    "params": list(module["tok_proj"].parameters()),
                    "lr": head_learning_rate,
                    "weight_decay": 0.0,
                },
            ],
            lr=settings.learning_rate,
        )

    log = train(
        trained,
        batch_loss(score, InfoNCE(negatives)),
        triples,
        settings,
        sampler=sampler,
        optimiser=optimiser,
        choice=choice and choice(module, tokenizer),
        checkpoint_folder=checkpoint_folder,
        progress=progress,
    )
    save_unicoil(module, tokenizer, folder)
    return log
