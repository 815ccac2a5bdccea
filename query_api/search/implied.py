"""What the match of a span says of its trace: sooner seen in the trace's own row than among its spans."""

from query_api.search.arguments import Arguments
from query_api.search.expression import Equals, Expression, Term
from query_api.search.signals import SPANS

SERVICE = SPANS.columns["service"]
# Between the names that enterprise.merge_traces takes; one that has it is kept in pieces.
SEPARATOR = "\x01"


def implied(part: Expression, arguments: Arguments) -> str | None:
    """A condition that every trace passes with a span that matches `part`; None where nothing is certain."""
    match part:
        case Term(str(name), Equals(text)) if SPANS.columns.get(name) is SERVICE and SEPARATOR not in text:
            return f"trace.services @> ARRAY[{arguments.add(text, 'varchar')}]"
    return None
