"""Active multi-task learning via Lasso, on arrays in the layout of the released MNIST-C."""

from .images import write_mnist_c


def test_the_paper_profile_runs(rehearsal, tmp_path, check_rehearsed):
    write_mnist_c(tmp_path / "objects" / "data", train=1000, test=100)
    project = rehearsal(tmp_path / "objects")
    assert project.missing("lasso_task_selection") == []
    check_rehearsed(project, project.run("lasso_task_selection"))
