"""Card numbers as networks and payment processors publish them for tests, and what becomes of them.

Computed apart from the processor, which knows issuers by ranges: these are numbers, one by one.
Sources: https://docs.stripe.com/testing, https://docs.adyen.com/development-resources/test-cards,
https://developer.paypal.com/tools/sandbox/card-testing, each under the network's name.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Final

from tests.integration.deployed import Json, Stack, client

PUBLISHED: Final = {
    "Visa": "4111111111111111",
    "Visa, debit": "4000056655665556",
    "Visa, 13 digits": "4222222222222",
    "Mastercard": "5555555555554444",
    "Mastercard, 2-series": "2223003122003222",
    "Mastercard, prepaid": "5105105105105100",
    "American Express": "378282246310005",
    "American Express, 3714": "371449635398431",
    "Discover": "6011111111111117",
    "Discover, 64": "6445644564456445",
    "Diners Club": "3056930009020004",
    "Diners Club, 14 digits": "36227206271667",
    "JCB": "3566002020360505",
    "UnionPay": "6200000000000005",
    "UnionPay, 19 digits": "6205500000000000004",
    "Maestro": "6771798021000008",
}


@dataclass(frozen=True)
class Tokens:
    """How the stack makes a token of a card number, done once more.

    Args:
        key_id: Id of the key, the token's first part.
        key: The key, as the secret holds it; no failing test prints it.
    """

    key_id: str
    key: str = field(repr=False)

    def token(self, card: str) -> str:
        """HMAC-SHA-256 over the digits, base64url without padding."""
        message = b"card-number:" + digits_of(card).encode()
        digest = hmac.new(self.key.encode(), message, hashlib.sha256).digest()
        return f"{self.key_id}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def secret_of(stack: Stack) -> Json:
    """The configuration as the function reads it."""
    answer = client("secretsmanager").get_secret_value(
        SecretId=stack.outputs["SecretsManagerSecretArn"]
    )
    secret: Json = json.loads(answer["SecretString"])
    return secret


def tokens_of(secret: Json) -> Tokens:
    """With the current key of a configuration."""
    return Tokens(secret["tokenization_key_id"], secret["tokenization_key"])


def digits_of(card: str) -> str:
    """The number without its separators."""
    return re.sub("[ -]", "", card)


def is_valid(card: str) -> bool:
    """Whether its check digit is right: every second digit doubled, the sum a multiple of ten.

    Source: ISO/IEC 7812-1, annex B.
    """
    if not re.fullmatch("[0-9]+([ -][0-9]+)*", card):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits_of(card))):
        number = int(digit) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def masked(text: str) -> str:
    """A text with each published number in it as it may be kept, in whatever groups it stands."""
    for card in sorted(PUBLISHED.values(), key=len, reverse=True):
        pattern = re.compile("[ -]?".join(card))
        text = pattern.sub(_last_four_only, text)
    return text


def _last_four_only(found: re.Match[str]) -> str:
    digits_before_last_four = len(digits_of(found[0])) - 4
    return re.sub("[0-9]", "*", found[0], count=digits_before_last_four)
