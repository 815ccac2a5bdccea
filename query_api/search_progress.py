"""Reads of how far the search indexes are behind the rows."""

from fastapi import APIRouter, Request, Response

from database.queries import load
from query_api.answers import FAILURES, json_answer
from query_api.models import SearchProgress
from query_api.snapshot import snapshot

SQL = load(__package__)
router = APIRouter(prefix="/search", tags=["search"], responses=FAILURES)


@router.get("/progress", response_model=SearchProgress)
async def search_progress(request: Request) -> Response:
    """Which partitions with rows have their search indexes, newest first. A search reads the others row by row."""
    async with snapshot(request) as connection:
        partitions = await connection.fetchval(SQL["search_progress"])
    return json_answer(f'{{"partitions":{partitions}}}')
