"""Costs by the price lists, against ones written out by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from database.gen_ai import Call
from server.prices import price

AT = datetime(2026, 1, 1, tzinfo=UTC)


def call(provider: str | None, *models: str, **tokens: Any) -> Call:
    given = {"input_tokens": 0, "output_tokens": 0, "cache_read_tokens": 0, "cache_write_tokens": 0} | tokens
    return Call(provider=provider, models=models, at=AT, **given)


def test_input_and_output_have_their_prices() -> None:
    """2.50 dollars a million tokens in, 10 out."""
    assert price(call("openai", "gpt-4o", input_tokens=1000, output_tokens=100)) == pytest.approx(0.0025 + 0.001)
    assert price(call("openai", "gpt-4o", input_tokens=1000)) == pytest.approx(0.0025)
    assert price(call("openai", "gpt-4o")) == 0


@pytest.mark.parametrize("included", [10_000, 0])
def test_tokens_that_the_provider_cached_belong_to_the_input_though_not_every_sender_counts_them(included: int) -> None:
    """3 dollars a million tokens in, 0.30 read from the cache, 3.75 written to it; here 1,000 and 9,000, no others."""
    cached = {"cache_read_tokens": 1000, "cache_write_tokens": 9000}
    cost = price(call("anthropic", "claude-sonnet-4-20250514", input_tokens=included, **cached))
    assert cost == pytest.approx(0.0003 + 0.03375)


def test_the_model_that_was_asked_is_taken_where_the_one_that_answered_is_unknown() -> None:
    asked = price(call("openai", "gpt-4o", input_tokens=1000))
    assert price(call("openai", "ft:nobody", "gpt-4o", input_tokens=1000)) == asked
    assert price(call("openai", "gpt-4o-mini", "gpt-4o", input_tokens=1000)) != asked


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("azure.ai.openai", "gpt-4o"),
        ("aws.bedrock", "anthropic.claude-3-5-sonnet-20240620-v1:0"),
        ("gcp.gemini", "gemini-2.0-flash"),
        ("gcp.vertex_ai", "gemini-2.0-flash"),
        ("mistral_ai", "mistral-large-latest"),
        ("cohere", "command-r"),
        ("deepseek", "deepseek-chat"),
        ("groq", "llama-3.3-70b-versatile"),
        ("perplexity", "sonar"),
        ("x_ai", "grok-3"),
        (None, "gpt-4o"),
    ],
)
def test_providers_are_known_by_their_names_in_opentelemetry(provider: str | None, model: str) -> None:
    cost = price(call(provider, model, input_tokens=1000, output_tokens=100))
    assert cost is not None
    assert cost > 0


@pytest.mark.parametrize(
    ("provider", "models"),
    [("openai", ("nobody",)), ("nobody", ("gpt-4o",)), (None, ("nobody",)), ("openai", ()), (None, ())],
)
def test_what_nobody_knows_has_no_price(provider: str | None, models: tuple[str, ...]) -> None:
    assert price(call(provider, *models, input_tokens=1000)) is None
