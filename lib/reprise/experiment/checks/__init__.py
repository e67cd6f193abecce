"""What every study must satisfy, one function a rule (after scikit-learn's estimator checks).

A check takes a study's files and gives sentences about what is wrong, none when all is well. Those of
`notebook_rules` and `file_rules` read files only; those of `outcome_rules` read what a run left.
"""
