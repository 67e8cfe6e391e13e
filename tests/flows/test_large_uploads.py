"""Size caps while streaming, on both servers; and that nothing is ever on disk in the clear."""

from __future__ import annotations

import pytest

from tests.flows.conftest import post_extraction


@pytest.mark.parametrize("server", ["uvicorn", "daphne"])
def test_a_file_over_the_cap_is_refused_and_leaves_nothing(own_product, server):
    product = own_product(server=server, MAX_UPLOAD_BYTES="2000000", ENGINE_PRELOAD="rapidocr")
    product.start(ready=False)
    with product.client(product.create_key(credits=5)) as client:
        refused = post_extraction(client, b"\xff\xd8\xff" + b"x" * 2_500_000)
        assert refused.status_code == 413
        assert refused.json()["code"] == "media_too_large"
        assert post_extraction(client).json()["status"] == "succeeded"
    assert not list(product.spool.glob("*"))
    assert product.stop() == 0
