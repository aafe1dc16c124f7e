"""Signature Version 4 by the SDK's signer, without the request objects around it.

They take half of the time that a signature costs.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from botocore.auth import SigV4Auth
from botocore.credentials import ReadOnlyCredentials

if TYPE_CHECKING:
    from botocore.awsrequest import AWSRequest
    from botocore.compat import HTTPHeaders


class SigningPlace(NamedTuple):
    """What a signature is good for.

    Args:
        url: Where the request goes.
        service: As signatures name it.
        region: Where the service is.
    """

    url: str
    service: str
    region: str


def signed(
    place: SigningPlace, headers: Mapping[str, str], body: bytes, credentials: ReadOnlyCredentials
) -> dict[str, str]:
    """The headers of a POST, with date, session token and signature.

    Args:
        place: See there.
        headers: All of them become part of the signature. `Host` must be among them.
        body: The same.
        credentials: Whose signature it is.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
    """
    request = _Request(place.url, dict(headers), body)
    signer = _Signer(credentials, place.service, place.region)
    signer.add_auth(cast("AWSRequest", request))
    return request.headers


class _Request:
    """As much of the SDK's request as its signer reads."""

    method = "POST"
    params = None

    def __init__(self, url: str, headers: dict[str, str], body: bytes) -> None:
        self.url = url
        self.headers = headers
        self.body = body
        self.context: dict[str, object] = {}


class _SignedHeaders(dict[str, str]):
    """As much of an email message, in which the SDK keeps headers, as its signer reads."""

    def get_all(self, name: str) -> list[str]:
        return [self[name]]


class _Signer(SigV4Auth):
    """The SDK's, for headers of which none is there twice, and all of which are signed."""

    def headers_to_sign(self, request: "AWSRequest") -> "HTTPHeaders":
        """By their names in lower case."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        return cast("HTTPHeaders", _SignedHeaders(headers))
