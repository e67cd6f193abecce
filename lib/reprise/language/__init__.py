"""Causal language models: tokens, likelihoods, generation, hidden states, attention that can be replaced.

The embedded one is SmolLM2-135M-Instruct (`package`); any causal model that transformers opens goes through
the same interface (`open_language_model`). Nothing here belongs to one paper.
"""

from __future__ import annotations

from typing import Any

from reprise.entry_points import find_entry

_MODULE_OF = {
    "best_option": "scoring",
    "cache_states": "states",
    "chat_prompt": "tokens",
    "convert_gguf": "convert",
    "find_gguf": "package",
    "full_attention": "attention",
    "generate": "generation",
    "greedy": "generation",
    "hidden_states": "layers",
    "logits_at": "forward",
    "open_language_model": "model",
    "replace_attention": "attention",
    "score_documents": "perplexity",
    "score_options": "scoring",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    return find_entry(__name__, _MODULE_OF, name)


def __dir__() -> list[str]:
    return __all__
