"""Units of the study of Lasso task selection: synthetic experiments, image tasks, their summaries."""
