import numpy as np
import pytest
import torch

from reprise.errors import InputError
from reprise.language.cache import cut_cache, make_cache
from reprise.language.forward import read


def test_reading_in_pieces_is_reading_at_once(tiny):
    ids = torch.randint(0, 256, (2, 20), generator=torch.Generator().manual_seed(0))
    cache = make_cache(tiny, 20)
    with torch.inference_mode():
        whole = read(tiny, ids)
        pieces = [read(tiny, part, cache=cache) for part in ids.split([9, 1, 6, 4], dim=1)]
    np.testing.assert_allclose(torch.cat(pieces, 1), whole, atol=1e-5)


def test_a_cache_that_was_cut_has_forgotten(tiny):
    cache = make_cache(tiny, 12)
    with torch.inference_mode():
        read(tiny, torch.tensor([[1, 2, 3, 4, 5, 6]]), cache=cache)
        cut_cache(cache, 2)
        assert cache.get_seq_length() == 2
        again = read(tiny, torch.tensor([[7, 8]]), cache=cache)
        fresh = read(tiny, torch.tensor([[1, 2, 7, 8]]))[:, 2:]
    np.testing.assert_allclose(again, fresh, atol=1e-5)


def test_its_room_and_its_length_are_limits(tiny):
    cache = make_cache(tiny, 3)
    with pytest.raises(InputError, match="a cache can only get shorter"):
        cut_cache(cache, 1)
    with torch.inference_mode(), pytest.raises(InputError, match="room for 3 tokens"):
        read(tiny, torch.tensor([[1, 2, 3, 4]]), cache=cache)
    with pytest.raises(InputError, match="needs room"):
        make_cache(tiny, 0)
