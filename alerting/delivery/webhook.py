"""Any receiver of JSON over HTTP. Settings: url. Secrets: secret, with which requests are signed.

Headers are those of Standard Webhooks: `webhook-id` is the notice, the same at each attempt; `webhook-timestamp` is the
attempt's Unix time; `webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>`. A secret
that begins with `whsec_` is base64, any other is taken as it is. `idempotency-key` repeats the id.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any

from alerting.delivery.channels import Channel, Unconfigured
from alerting.delivery.http import JSON, Client
from alerting.delivery.message import Message
from alerting.delivery.outcome import Outcome
from alerting.delivery.wording import headline, severity

PREFIX = "whsec_"


async def send(channel: Channel, message: Message, client: Client) -> Outcome:
    """Any 2xx is success."""
    body = json.dumps(payload(message)).encode()
    headers = JSON | {"idempotency-key": str(message.id), "webhook-id": str(message.id)}
    secret = channel.secrets.get("secret")
    if secret:
        timestamp = int(time.time())
        headers["webhook-timestamp"] = str(timestamp)
        headers["webhook-signature"] = signature(_key(channel.name, secret), str(message.id), timestamp, body)
    return await client.post("the webhook", channel.setting("url"), body, headers)


def payload(message: Message) -> dict[str, Any]:
    """The body: `alerts` are all items of the notice, as alert_notices holds them, each with the key of its alert."""
    return {
        "version": 1,
        "id": str(message.id),
        "kind": message.kind,
        "status": "resolved" if message.resolved else "firing",
        "severity": severity(message),
        "title": headline(message),
        "channel": message.channel,
        "group": message.group_key,
        "created_at": message.created_at.isoformat(),
        "alerts": [{"key": f"{item.rule_id}:{item.fingerprint}", **item.as_json()} for item in message.items],
    }


def signature(key: bytes, id_: str, timestamp: int, body: bytes) -> str:
    signed = hmac.new(key, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def _key(channel: str, secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise Unconfigured(f"the secret of the channel {channel} begins with {PREFIX} and is no base64") from None
