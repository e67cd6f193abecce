"""ANCE-PRF: encoders trained on MS MARCO's own queries from released retrievers, and the authors' own."""

LEFT_OUT = [  # one k and no dev topics; a note stands in their place
    "the notebook shows a figure 'by-k', which the study does not have",
    "the notebook shows a table 'settings', which the study does not have",
]


def test_the_paper_profile_runs(rehearsal, marco, check_rehearsed):
    project = rehearsal(marco)
    assert project.missing("ance_prf") in ([], ["memory"])  # the real training takes 64 GB
    outcome = project.run("ance_prf")
    check_rehearsed(project, outcome, LEFT_OUT)
    assert set(outcome.results.datasets) == {"dl19", "dl20", "dl-hard", "marco-dev"}
