"""With nothing fetched: the doctor names every object, and a run refuses before any work."""

NEEDED = {
    "prf_interpolation": {
        "collection msmarco-v1-passage",
        "index msmarco-v1-passage",
        "index msmarco-v1-passage.unicoil",
        "index msmarco-v1-passage.ance",
        "index msmarco-v1-passage.tct_colbert-v2-hnp",
        "index msmarco-v1-passage.distilbert-dot-tas_b-b256",
        "checkpoint castorini/unicoil-msmarco-passage",
        "checkpoint castorini/ance-msmarco-passage",
        "checkpoint castorini/tct_colbert-v2-hnp-msmarco",
        "checkpoint sebastian-hofstaetter/distilbert-dot-tas_b-b256-msmarco",
    },
    "ance_prf": {
        "collection msmarco-passage/dev/small",
        "collection msmarco-passage/train/judged",
        "checkpoint ance-prf/k3",
    },
    "learning_to_hash": {
        "collection beir/msmarco",
        "checkpoint cross-encoder/ms-marco-MiniLM-L-6-v2",
        "checkpoint BeIR/query-gen-msmarco-t5-base-v1",
        "checkpoint income/bpr-base-msmarco-distilbert-tas-b",
        "checkpoint income/jpq-question_encoder-base-msmarco-distilbert-tas-b",
        "checkpoint income/jpq-document_encoder-base-msmarco-distilbert-tas-b",
    },
    "lasso_task_selection": {"collection mnist-C-released"},
    "sparse_convnets": {"collection imagenet"},
}
"""What each study names beside what stands above it."""


def test_the_doctor_names_every_object(rehearsal, tmp_path):
    missing = set(rehearsal(tmp_path / "nothing").missing())
    assert set().union(*NEEDED.values()) <= missing


def test_a_run_refuses_every_study_before_any_work(rehearsal, tmp_path):
    project = rehearsal(tmp_path / "nothing")
    code, _, err = project.reprise("run", "--profile", "paper")
    assert code == 3
    refused = {line.split()[1].rstrip(":"): line for line in err.splitlines()}
    assert set(refused) == set(NEEDED)
    assert "none of the collections of this profile is here" in refused.pop("learning_to_hash")
    for study, words in refused.items():
        assert f"{study} needs on the profile 'paper' what is not here: " in words
        assert [name for name in NEEDED[study] if name not in words] == []
    assert not list(project.cache.glob("units/*")) and not (project.root / "results").exists()
    assert project.reached() == []
