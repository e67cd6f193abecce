"""Active multi-task representation learning: relevance of sources, allocations, batched fits, selection
rules.
"""
