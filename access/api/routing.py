"""All of it as one router."""

from fastapi import APIRouter

from access.api import audit, keys, oidc, people, sessions

router = APIRouter(prefix="/api/access")
router.include_router(sessions.router)
router.include_router(oidc.router)
router.include_router(people.router)
router.include_router(keys.router)
router.include_router(audit.router)
