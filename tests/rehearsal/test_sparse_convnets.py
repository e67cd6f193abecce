"""Fast Sparse ConvNets, with networks trained on a folder in ImageNet's layout."""

from .images import write_imagenet

NOT_TIMED = (  # these want more networks than a rehearsal times
    "network-goal-v1-blocks",
    "network-goal-v1",
    "network-goal-v2",
    "thirty-percent-unstructured-does-not-pay",
)
KNOWN = [
    *(f"{claim}: can be judged neither on the paper's numbers nor on ours" for claim in NOT_TIMED),
    "the table 'model-card': there is no measure Snapdragon 835 milliseconds",  # published, never ours
]


def test_the_paper_profile_runs(rehearsal, tmp_path, check_rehearsed):
    write_imagenet(tmp_path / "objects" / "data", classes=2, train=4, val=2)
    project = rehearsal(tmp_path / "objects")
    assert project.missing("sparse_convnets") == []
    outcome = project.run("sparse_convnets")
    check_rehearsed(project, outcome, KNOWN)
    trained = outcome.results.cells.select(dataset="imagenet", measure="top-1")
    assert set(trained.values("network")) == {"mobilenet-v1", "mobilenet-v2", "efficientnet-b0"}
