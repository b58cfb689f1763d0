"""Response headers by class: what a client relies on, what differs at each answer, what proxies add."""

from __future__ import annotations

import re
from typing import Literal

HeaderClass = Literal["contract", "volatile", "infrastructure"]

# Different at each answer, or about this one message and not about the API (RFC 9110, RFC 9111, RFC 9112).
_VOLATILE_WORDS = """
    age connection content-encoding content-length content-md5 content-range date digest expires keep-alive
    set-cookie te trailer transfer-encoding upgrade warning x-request-id x-correlation-id request-id
    x-trace-id traceparent x-amzn-requestid x-amz-request-id x-amz-id-2 x-amzn-trace-id x-runtime x-response-time
    server-timing x-timer x-github-request-id cf-ray x-b3-traceid x-cloud-trace-context status"""
_VOLATILE = frozenset(_VOLATILE_WORDS.split())
# Added by servers, caches, proxies and browsers' security policies.
_INFRASTRUCTURE_WORDS = """
    accept-ranges access-control-allow-credentials access-control-allow-headers access-control-allow-methods
    access-control-allow-origin access-control-expose-headers access-control-max-age alt-svc cache-control
    content-security-policy content-security-policy-report-only cross-origin-embedder-policy
    cross-origin-opener-policy cross-origin-resource-policy expect-ct feature-policy nel origin-agent-cluster p3p
    permissions-policy pragma priority public-key-pins referrer-policy report-to reporting-endpoints server
    strict-transport-security timing-allow-origin vary via x-aspnet-version x-cache x-cache-hits x-cacheable
    x-content-type-options x-dns-prefetch-control x-download-options x-fastly-request-id x-frame-options
    x-permitted-cross-domain-policies x-powered-by x-proxy-cache x-robots-tag x-served-by x-ua-compatible x-varnish
    x-xss-protection set-cookie2 speculation-rules"""
_INFRASTRUCTURE = frozenset(_INFRASTRUCTURE_WORDS.split())
_INFRASTRUCTURE_PREFIXES = ("cf-", "fly-", "x-akamai", "x-amz-cf-", "x-azure-", "x-envoy-", "x-nf-", "x-vercel-")
_NAME = re.compile(r"[a-z0-9_][a-z0-9!#$%&'*+.^_`|~-]{0,63}")


def header_class(name: str) -> HeaderClass:
    """The class of a response header. Everything that no table names is `contract`: a vendor's own headers are."""
    name = name.lower()
    if name in _VOLATILE:
        return "volatile"
    if name in _INFRASTRUCTURE or name.startswith(_INFRASTRUCTURE_PREFIXES):
        return "infrastructure"
    return "contract"


def countable(name: str) -> str:
    """A header's name as evidence keeps it, in lower case; empty for what is no name (RFC 9110, section 5.6.2)."""
    name = name.lower()
    return name if _NAME.fullmatch(name) else ""
