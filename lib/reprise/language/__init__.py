"""Causal language models: tokens, likelihoods, generation, hidden states, attention that can be replaced.

The embedded one is SmolLM2-135M-Instruct (`package`); any causal model that transformers opens goes through
the same interface (`model.open_language_model`). Nothing here belongs to one paper.
"""
