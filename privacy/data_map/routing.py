"""The gateway's catalogue, and its record of requests. Parents first."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from privacy.data_map.field import ADDRESS_OF, OURS, columns
from privacy.data_map.row import ACTIVE, CONTRACT, DAYS_90, Category, Row, nobodys
from privacy.data_map.term import Term
from routing import erasure
from routing.models import METADATA_KEPT

VENDORS = ("anthropic", "together", "fireworks", "groq")
GATEWAY = Category.GATEWAY

CATALOGUE = (
    nobodys(
        "routing.Provider",
        _("the catalogue of providers"),
        fields=columns(
            fact="name adapter base_url region retention_days trains enabled source",
            time="checked_on",
            because={"base_url source": ADDRESS_OF},
        ),
    ),
    nobodys(
        "routing.LanguageModel",
        _("the catalogue of models"),
        fields=columns(
            identifier="id",
            link="provider",
            fact="upstream_id context_tokens max_output_tokens tools structured vision streaming enabled source",
            time="checked_on",
            because={"id upstream_id": OURS, "source": ADDRESS_OF},
        ),
    ),
    nobodys(
        "routing.ModelPrice",
        _("what tokens cost"),
        fields=columns(
            identifier="id",
            link="model",
            money="input cached_input cache_write output",
            fact="version source",
            time="effective_at",
            because={"source": ADDRESS_OF},
        ),
    ),
    nobodys(
        "routing.ModelQuality",
        _("which model does what well"),
        fields=columns(identifier="id", link="model", fact="version task score"),
    ),
    nobodys(
        "routing.JournalMark",
        _("where bookkeeping goes on"),
        _("minutes"),
        fields=columns(identifier="name", fact="offset", because={"name": OURS}),
    ),
)
OF_KEYS = (
    Row(
        "routing.KeyPolicy",
        _("what a key's owner allows of providers"),
        _("to route as they wish"),
        CONTRACT,
        ACTIVE,
        columns(
            link="api_key",
            config="deny_training max_retention_days regions explore affinity",
            because={"regions": _("names of regions, out of the catalogue's")},
        ),
        category=GATEWAY,
        owner="api_key__user",
    ),
    Row(
        "routing.KeyLimit",
        _("limits of a key"),
        _("to keep within them"),
        CONTRACT,
        ACTIVE,
        columns(identifier="id", link="api_key", config="resource window limit"),
        category=GATEWAY,
        owner="api_key__user",
    ),
    Row(
        "routing.KeyUsage",
        _("sums of requests, tokens and cost of a key"),
        _("to keep within limits"),
        CONTRACT,
        DAYS_90,
        columns(
            identifier="id", link="api_key", state="window", time="starts_at", usage="requests tokens", money="cost"
        ),
        category=GATEWAY,
        owner="api_key__user",
        term=Term("starts_at", METADATA_KEPT),
    ),
)
REQUESTS = (
    Row(
        "routing.Generation",
        _("usage record: task type, model, tokens, latency, cost; no content"),
        _("to run, bill and improve routing"),
        CONTRACT,
        DAYS_90,
        columns(
            identifier="id",
            link="api_key hold model",
            time="created_at",
            state="status outcome task cause policy finish explored affine streamed estimated_tokens",
            usage="confidence difficulty quality_version price_version input_tokens cached_tokens cache_write_tokens "
            "output_tokens latency_ms first_token_ms overhead_us score",
            money="cost cost_input cost_cached cost_cache_write cost_output",
            purpose={"score": _("to improve routing by what its caller thought of an answer")},
        ),
        category=GATEWAY,
        owner="api_key__user",
        by=erasure.erase_generations,
        recipients=VENDORS,
        term=Term("created_at", METADATA_KEPT),
    ),
    Row(
        "routing.Attempt",
        _("tries at providers: times and outcomes"),
        _("to run and improve routing"),
        CONTRACT,
        DAYS_90,
        columns(
            identifier="id",
            link="generation model",
            state="outcome status",
            usage="number latency_ms first_token_ms",
        ),
        category=GATEWAY,
        owner="generation__api_key__user",
        by=erasure.erase_attempts,
        goes_with="generation",
    ),
    Row(
        "routing.Weighed",
        _("candidates of a choice, and figures"),
        _("to explain routing decisions"),
        CONTRACT,
        DAYS_90,
        columns(
            identifier="id",
            link="generation model",
            state="excluded",
            usage="rank score quality expected_ms",
            money="expected_cost",
        ),
        category=GATEWAY,
        owner="generation__api_key__user",
        by=erasure.erase_weighed,
        goes_with="generation",
    ),
)
ROUTING = (*CATALOGUE, *OF_KEYS, *REQUESTS)
