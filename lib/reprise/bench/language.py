"""The language model against transformers' own use of it, on the same weights, in one run.

Options: a question's ten options after one reading of the prompt, against reading prompt and option together
ten times, which is what a loop over a harness' requests does. Writing: sixteen prompts at once against one
after the other through `generate`. Reading: one long prompt, where both run the same layers and ours must not
add to it. All three in float32, where the scores of both are first compared; on a processor that multiplies
bfloat16 itself, reading in it against ours in float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from reprise.bench.timing import compare_times

QUESTIONS, PROMPTS, NEW_TOKENS, LENGTH = 32, 16, 32, 1024
OPENING_GOAL = 3.0


def benchmark(
    folder: str | Path | None = None,
    questions: int = QUESTIONS,
    prompts: int = PROMPTS,
    new_tokens: int = NEW_TOKENS,
    length: int = LENGTH,
    repeats: int = 3,
) -> list[dict[str, Any]]:
    """The rows of the embedded model, or of the one in a folder; converting it is not timed."""
    import torch
    from transformers import AutoModelForCausalLM

    from reprise.experiment.precision import native_precision
    from reprise.language.forward import head, read
    from reprise.language.generation import generate
    from reprise.language.model import LanguageModel, open_language_model
    from reprise.language.scoring import score_options
    from reprise.studies.language_units.model import embedded_folder
    from reprise.studies.language_units.tasks import city_questions

    folder = folder or embedded_folder()
    open_language_model(folder)  # imports, and the file in the machine's page cache
    start = perf_counter()
    lm = open_language_model(folder)
    opening = perf_counter() - start
    theirs = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    asked = [(a.prompt, a.options) for a in city_questions(questions, np.random.default_rng(0))]
    ids = [lm.tokenizer(prompt).input_ids for prompt, _ in asked[:prompts]]
    long = torch.tensor([np.random.default_rng(0).integers(0, 250, length).tolist()])

    def ours_scored() -> list[Sequence[np.ndarray]]:
        return score_options(lm, asked)

    def loop_scored() -> list[list[np.ndarray]]:
        with torch.inference_mode():
            return [[_alone(theirs, lm.tokenizer, prompt, o) for o in options] for prompt, options in asked]

    def ours_written() -> list[tuple[int, ...]]:
        made = generate(lm, [p for p, _ in asked[:prompts]], new_tokens=new_tokens, stop_at_end=False)
        return [one.ids for one in made]

    def loop_written() -> list[tuple[int, ...]]:
        settings = {"max_new_tokens": new_tokens, "min_new_tokens": new_tokens, "do_sample": False}
        with torch.inference_mode():
            return [
                tuple(
                    theirs.generate(
                        row := torch.tensor([one]), attention_mask=torch.ones_like(row), **settings
                    )[0, len(one) :].tolist()
                )
                for one in ids
            ]

    def ours_read(with_model: LanguageModel = lm) -> Any:
        with torch.inference_mode():
            return head(with_model, read(with_model, long)[:, -1:])

    def theirs_read() -> Any:
        with torch.inference_mode():
            return theirs(long, logits_to_keep=1).logits

    _refuse_unequal(ours_scored(), loop_scored())
    if not torch.allclose(ours_read(), theirs_read(), atol=1e-4):
        raise AssertionError("ours and transformers' logits differ: the times compare nothing")
    threads = f"{torch.get_num_threads()} threads, float32"
    rows = [
        {
            "name": "opening the language model",
            "ours_s": opening,
            "goal_s": OPENING_GOAL,
            "note": "from its unit, libraries loaded",
        },
        compare_times(
            "scoring options",
            ours_scored,
            loop_scored,
            f"{questions} questions of {len(asked[0][1])} options; option by option there; {threads}",
            repeats,
        ),
        compare_times(
            "writing",
            ours_written,
            loop_written,
            f"{prompts} prompts, {new_tokens} tokens each; one by one there; {threads}",
            repeats,
        ),
        compare_times(
            "reading", ours_read, theirs_read, f"one prompt of {length:,} tokens; {threads}", repeats
        ),
    ]
    if native_precision() == "bfloat16":
        half = open_language_model(folder, precision="bfloat16")
        note = f"one prompt of {length:,} tokens; ours in float32 there"
        rows.append(compare_times("reading in bfloat16", lambda: ours_read(half), ours_read, note, repeats))
    return rows


def _alone(model: Any, tokenizer: Any, prompt: str, option: str) -> np.ndarray:
    """log p of an option's tokens, prompt and option read together."""
    import torch

    before, after = tokenizer(prompt).input_ids, tokenizer(option, add_special_tokens=False).input_ids
    logits = model(torch.tensor([before + after]), logits_to_keep=len(after) + 1).logits[0, :-1].float()
    return torch.log_softmax(logits, -1).gather(1, torch.tensor(after)[:, None])[:, 0].numpy()


def _refuse_unequal(ours: Sequence[Sequence[np.ndarray]], theirs: Sequence[Sequence[np.ndarray]]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        for a, b in zip(one, other, strict=True):
            if not np.allclose(a, b, rtol=0, atol=1e-4):
                raise AssertionError("ours and transformers' likelihoods differ: the times compare nothing")
