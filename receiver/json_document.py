"""A request's JSON, before anything is known of what it means."""

import json
from typing import Any

from receiver.refusals import Invalid

TOO_DEEP = "the JSON is nested too deeply"


def document(body: bytes) -> Any:
    """Raises Invalid for what is no JSON."""
    try:
        # Not by json.loads() itself: that would guess an encoding, and give up a request for one odd byte.
        return json.loads(body.decode(errors="replace"))
    except RecursionError:
        raise Invalid(TOO_DEEP) from None
    except ValueError as error:
        raise Invalid(f"not JSON: {str(error)[:200]}") from None
