"""How people come in, as the settings say."""

from access.people.oidc import Provider, Registration
from access.people.policy import Mode, Policy
from access.people.proxies import Proxies, read_networks
from access.principals import Role
from server.access import people_of
from server.settings import Settings


def policy_of(settings: Settings) -> Policy:
    """The policy of one process."""
    return Policy(
        mode=Mode(people_of(settings)),
        proxies=Proxies(read_networks(settings.trusted_proxies), settings.proxy_header),
        public_url=settings.public_url,
        provider=_provider(settings),
    )


def _provider(settings: Settings) -> Provider | None:
    secret = settings.oidc_client_secret
    if settings.people != "oidc" or settings.oidc_issuer is None or settings.oidc_client_id is None or secret is None:
        return None
    registration = Registration(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value(),
        role_claim=settings.oidc_role_claim,
        roles={value: Role.named(role) for value, role in settings.roles_by_claim.items()},
        domains=frozenset(domain.lower() for domain in settings.oidc_domains),
    )
    return Provider(registration)
