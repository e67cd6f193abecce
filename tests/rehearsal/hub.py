"""A model hub's cache with tiny random checkpoints, of the architectures and in the files of real ones."""

import hashlib
import os
import string

from .texts import WORDS

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
COMMIT = "0" * 39 + "1"


class Hub:
    """The folder that HF_HOME names."""

    def __init__(self, home):
        self.home = home

    def add(self, repository, write):
        """Keep what `write(folder)` writes as the repository's only snapshot, as the hub's client does."""
        root = self.home / "hub" / f"models--{repository.replace('/', '--')}"
        snapshot, blobs = root / "snapshots" / COMMIT, root / "blobs"
        for folder in (snapshot, blobs, root / "refs"):
            folder.mkdir(parents=True)
        (root / "refs" / "main").write_text(COMMIT)
        write(snapshot)
        for file in sorted(p for p in snapshot.rglob("*") if p.is_file()):
            blob = blobs / hashlib.sha256(file.read_bytes()).hexdigest()
            file.replace(blob)
            file.symlink_to(os.path.relpath(blob, file.parent))
        return snapshot


def write_bert(folder, *, size, seed=0):
    """BERT with its tokenizer, as TCT-ColBERT and MiniLM are."""
    from transformers import BertConfig, BertModel

    _save(folder, BertModel, BertConfig(**_shape(size)), seed)


def write_distilbert(folder, *, size, seed=0):
    """DistilBERT with its tokenizer, as TAS-B, BPR and what was adapted from it are."""
    from transformers import DistilBertConfig, DistilBertModel, DistilBertTokenizer

    config = DistilBertConfig(vocab_size=_vocabulary(), dim=size, n_layers=1, n_heads=2, hidden_dim=64)
    _save(folder, DistilBertModel, config, seed, tokenizer=_word_pieces(folder, DistilBertTokenizer))


def write_unicoil(folder, *, size, seed=0):
    """pyserini's uniCOIL: BERT and a weight for each token."""
    import torch
    from pyserini.encode._unicoil import UniCoilEncoder
    from transformers import BertConfig

    def spread(model):
        torch.nn.init.normal_(model.tok_proj.weight, std=0.2)
        torch.nn.init.ones_(model.tok_proj.bias)

    _save(folder, UniCoilEncoder, BertConfig(**_shape(size)), seed, spread)


def write_cross_encoder(folder, *, size, seed=0):
    """BERT with one output for a pair of texts."""
    from transformers import BertConfig, BertForSequenceClassification

    _save(folder, BertForSequenceClassification, BertConfig(**_shape(size), num_labels=1), seed)


def write_product_tower(folder, *, size, subspaces, seed=0):
    """A tower of a released JPQ: DistilBERT with centroids and a rotation among its weights."""
    import torch

    write_distilbert(folder, size=size, seed=seed)
    file = folder / "pytorch_model.bin"
    generator = torch.Generator().manual_seed(0)  # both towers share the rotation
    rotation = torch.linalg.qr(torch.randn(size, size, generator=generator))[0].contiguous()
    centroids = torch.randn(subspaces, 256, size // subspaces, generator=generator)
    weights = {f"distilbert.{name}": w for name, w in torch.load(file, weights_only=True).items()}
    torch.save({**weights, "centroids": centroids, "rotation": rotation}, file)


def write_query_generator(folder, *, size, seed=0):
    """T5 with its sentencepiece vocabulary, as BEIR's query generator is."""
    import sentencepiece
    from transformers import T5Config, T5ForConditionalGeneration, T5Tokenizer

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([" ".join(WORDS), *WORDS]),
        model_prefix=str(folder / "spiece"),
        vocab_size=80,
        hard_vocab_limit=False,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    (folder / "spiece.vocab").unlink()
    tokenizer = T5Tokenizer(str(folder / "spiece.model"), extra_ids=0, legacy=True)
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=size,
        d_kv=size // 2,
        d_ff=2 * size,
        num_layers=1,
        num_heads=2,
        decoder_start_token_id=0,
    )
    _save(folder, T5ForConditionalGeneration, config, seed, tokenizer=tokenizer)


def _save(folder, kind, config, seed, change=None, tokenizer=None):
    import torch
    from transformers import BertTokenizer

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = kind(config)
        if change:
            change(model)
    model.save_pretrained(folder, safe_serialization=False)
    (tokenizer or _word_pieces(folder, BertTokenizer)).save_pretrained(folder)


def _word_pieces(folder, kind):
    """A tokenizer over whole words, with letters for what is not among them."""
    letters = list(string.ascii_lowercase + string.digits + string.punctuation)
    pieces = [f"##{letter}" for letter in letters]
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys([*SPECIAL, *letters, *pieces, *WORDS])) + "\n")
    return kind(str(folder / "vocab.txt"), model_max_length=512)


def _vocabulary():
    letters = len(string.ascii_lowercase + string.digits + string.punctuation)
    return len(SPECIAL) + 2 * letters + len(WORDS)


def _shape(size):
    return {
        "vocab_size": _vocabulary(),
        "hidden_size": size,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    }
