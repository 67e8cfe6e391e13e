import pytest

from billing.prices import current_prices
from billing.pricing import PriceTable, format_credits, parse_credits

TABLE = PriceTable(version=1, credits={"page": 1_000_000, "audio_second": 10_000, "llm_mapping": 500_000})


@pytest.mark.parametrize(
    ("micro", "text"), [(0, "0.000000"), (1, "0.000001"), (1_500_000, "1.500000"), (-1, "-0.000001")]
)
def test_credits_are_shown_with_six_places_and_read_back(micro, text):
    assert format_credits(micro) == text
    assert parse_credits(text) == micro


@pytest.mark.parametrize("text", ["", "x", "1.2345678", "1e3", "٣", "--1", ".5"])
def test_what_is_not_credits_is_refused(text):
    with pytest.raises(ValueError):
        parse_credits(text)


def test_pages_are_charged_whole_and_sound_by_the_second_begun():
    assert TABLE.of_reading(pages=3) == 3_000_000
    assert TABLE.of_reading(seconds=10.01) == 110_000


def test_only_a_language_model_makes_mapping_cost():
    assert TABLE.of_mapping(by_llm=False) == 0
    assert TABLE.of_mapping(by_llm=True) == 500_000


@pytest.mark.django_db
def test_a_price_table_is_in_effect_from_the_first_migration():
    assert current_prices().version == 1
