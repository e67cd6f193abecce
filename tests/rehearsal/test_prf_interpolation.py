"""To Interpolate or not to Interpolate, from prebuilt indexes and checkpoints; nothing is set smaller."""


def test_the_paper_profile_runs(rehearsal, marco, check_rehearsed):
    project = rehearsal(marco)
    assert project.missing("prf_interpolation") == []
    check_rehearsed(project, project.run("prf_interpolation"))
