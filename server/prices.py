"""What calls of language models cost, by the price lists of the library genai-prices."""

from functools import lru_cache

from genai_prices import Usage, calc_price

from database.gen_ai import Call

# Names of OpenTelemetry, in lower case, that the library does not know.
PROVIDERS = {"x_ai": "x-ai", "xai": "x-ai", "moonshot_ai": "moonshotai"}


# A trace is derived anew whenever spans of it come, and a look at the lists takes a tenth of a millisecond.
@lru_cache(maxsize=10_000)
def price(call: Call) -> float | None:
    """US dollars by the prices of that time, of the model that answered or else the one that was asked.

    None where the provider or both models are unknown. Without a provider it is guessed by the name of the model.
    """
    read, written = call.cache_read_tokens, call.cache_write_tokens
    cached = read + written
    usage = Usage(
        # Some senders leave cached tokens out of the input, though they belong to it.
        input_tokens=call.input_tokens + (cached if cached > call.input_tokens else 0),
        output_tokens=call.output_tokens,
        cache_read_tokens=read,
        cache_write_tokens=written,
    )
    provider = call.provider and PROVIDERS.get(call.provider, call.provider)
    for model in call.models:
        try:
            found = calc_price(usage, model, provider_id=provider, genai_request_timestamp=call.at)
        except (LookupError, ValueError):
            continue
        return float(found.total_price)
    return None
