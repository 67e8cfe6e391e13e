"""What is offered follows the settings of the moment, in the order of the table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from routing.complete import available_models
from routing.configured import get_endpoint
from routing.errors import UnknownModel
from routing.providers import PROVIDERS

ROOT = Path(__file__).parents[2]
KEY = {"api_key": "k", "base_url": ""}


def test_nothing_configured_offers_nothing(settings):
    settings.LLM_PROVIDERS = {}
    assert available_models() == []


def test_each_configured_vendor_offers_its_model_in_the_stated_order(settings):
    settings.LLM_PROVIDERS = {"together": KEY, "groq": KEY, "anthropic": KEY}
    settings.MAPPING_MODELS = {}
    assert [name.split("/")[0] for name in available_models()] == ["anthropic", "groq", "together"]
    assert available_models()[0] == f"anthropic/{PROVIDERS['anthropic'].mapping_model}"


def test_the_operators_choice_of_model_wins(settings):
    settings.LLM_PROVIDERS = {"groq": KEY}
    settings.MAPPING_MODELS = {"groq": "openai/gpt-oss-20b", "together": "not configured"}
    assert available_models() == ["groq/openai/gpt-oss-20b"]


def test_a_server_of_ones_own_comes_first_once_its_model_is_named(settings):
    settings.LLM_PROVIDERS = {"groq": KEY, "selfhosted": {"api_key": "", "base_url": "http://127.0.0.1:9/v1"}}
    settings.MAPPING_MODELS = {}
    assert [name.split("/")[0] for name in available_models()] == ["groq"]
    settings.MAPPING_MODELS = {"selfhosted": "qwen"}
    assert available_models()[0] == "selfhosted/qwen"


def test_an_empty_base_url_means_the_vendors_own(settings):
    settings.LLM_PROVIDERS = {"groq": KEY}
    assert get_endpoint("groq").base_url == PROVIDERS["groq"].base_url


def test_a_provider_this_house_has_no_adapter_for_is_unknown(settings):
    settings.LLM_PROVIDERS = {"elsewhere": KEY}
    assert available_models() == []
    with pytest.raises(UnknownModel):
        get_endpoint("elsewhere")


def test_no_sdk_is_imported_before_it_is_needed():
    program = """
import sys
from pathlib import Path
import routing.complete, routing.structured
print(sorted({"anthropic", "openai", "httpx2"} & set(sys.modules)))
"""
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "[]"
