"""Money: prefixed ids, constants that name objects, tagged payment methods, cursors, orders and their refusals."""

from __future__ import annotations

from random import Random
from typing import Any

from benchmarks.drift.endpoints import Endpoint, Made, Union
from benchmarks.drift.values import CURRENCIES, code, day, maybe, moment, money, number, slug, some, unique, words

_STATUSES = ("open", "paid", "sent", "returned")


def _method(random: Random) -> dict[str, Any]:
    kind = random.choice(["card", "sepa_debit", "wallet"])
    about: dict[str, dict[str, Any]] = {
        "card": {"brand": random.choice(["visa", "amex"]), "exp_month": random.randint(1, 12), "exp_year": 2030},
        "sepa_debit": {"bank_code": str(number(random, 8)), "country": random.choice(["DE", "FR", "NL"])},
        "wallet": {"wallet_kind": random.choice(["blue", "green"]), "device": slug(random)},
    }
    return {"type": kind, **about[kind]}


def _charge(random: Random) -> dict[str, Any]:
    refunded = random.random() < 0.3
    return {
        "id": code(random, "ch_"),
        "object": "charge",
        "amount": number(random, 5),
        "captured": random.random() < 0.9,
        "currency": random.choice(CURRENCIES[:3]).lower(),
        "created": 1_700_000_000 + number(random, 7),
        "customer": code(random, "cus_"),
        "livemode": False,
        "refunded": refunded,
        "failure_code": None,
        "payment_method": _method(random),
        "description": maybe(random, words(random), 0.6),
        "outcome": {"network_status": "approved", "risk_score": random.randrange(100), "seller_message": "Complete."},
        "receipt_url": f"https://pay.planted.test/r/{unique(random)}",
        "metadata": {},
        **some(random, 0.4, invoice=code(random, "in_")),
    }


def _charge_answer(random: Random) -> Made:
    path = f"/v1/charges/{number(random, 9)}"
    if random.random() < 0.12:
        error = {"type": "invalid_request", "code": "resource_missing", "message": "No such charge", "param": "id"}
        return Made(path, {"error": error}, 404)
    return Made(path, _charge(random), headers=[("Idempotency-Key", unique(random))])


def _charges(random: Random) -> Made:
    data = [_charge(random) for _ in range(random.randint(4, 9))]
    body = {"object": "list", "url": "/v1/charges", "has_more": random.random() < 0.8, "data": data}
    return Made(f"/v1/charges?starting_after={number(random)}", body)


def _created(random: Random) -> Made:
    sent = {"amount": number(random, 5), "currency": "eur", "customer": code(random, "cus_")}
    if random.random() < 0.12:
        del sent["customer"]
        return Made("/v1/charges", {"error": {"type": "invalid_request", "param": "customer"}}, 422, sent=sent)
    return Made("/v1/charges", {**_charge(random), "amount": sent["amount"]}, 201, sent=sent)


def _customer(random: Random) -> Made:
    address = {
        "city": words(random, 1, 1),
        "line1": words(random),
        "postal_code": f"{number(random, 5):05}",
        "state": None,
    }
    body = {
        "id": code(random, "cus_"),
        "object": "customer",
        "balance": random.randrange(-500, 500),
        "created": 1_700_000_000,
        "address": maybe(random, address, 0.7),
        "delinquent": random.random() < 0.2,
        "name": words(random, 2, 2),
        "tax_ids": [{"id": code(random, "txi_"), "country": "DE"} for _ in range(random.randrange(3))],
        "preferred_locales": random.sample(["de", "en", "fr"], random.randint(1, 3)),
        "signed_up_at": moment(random),
    }
    return Made(f"/v1/customers/{number(random, 9)}", body)


def _balance(random: Random) -> Made:
    def amounts() -> list[dict[str, Any]]:
        return [
            {"amount": number(random), "currency": one, "source_types": {"card": number(random)}}
            for one in random.sample(("eur", "usd", "gbp"), random.randint(1, 3))
        ]

    body = {"object": "balance", "available": amounts(), "pending": amounts(), "updated_at": moment(random)}
    return Made(f"/v1/balance?at={number(random)}", body)


def _revoked(random: Random) -> Made:
    return Made(f"/v1/tokens/{number(random, 9)}", None, 204)


def _dropped(random: Random) -> Made:
    return Made(
        f"/v1/customers/{number(random, 9)}", {"id": code(random, "cus_"), "object": "customer", "deleted": True}
    )


def _line(random: Random) -> dict[str, Any]:
    return {
        "sku": code(random, "sku_"),
        "title": words(random),
        "quantity": random.randint(1, 9),
        "price": money(random),
        **some(random, 0.35, discount={"percent": random.randrange(5, 50), "reason": words(random)}),
    }


def _order(random: Random) -> dict[str, Any]:
    state = random.choice(_STATUSES)
    return {
        "id": unique(random),
        "number": number(random, 8),
        "status": state,
        "placed_on": day(random),
        "paid_at": None if state == "open" else moment(random),
        "note": maybe(random, words(random), 0.3),
        "customer": {"id": unique(random), "login": slug(random), "company": maybe(random, words(random), 0.4)},
        "lines": [_line(random) for _ in range(random.randint(1, 5))],
        "total": money(random),
        "shipping": {"carrier": random.choice(["post", "bike", "van"]), "parcels": random.randint(1, 3)},
        "weight": random.randrange(1, 9000) / 100 + 0.001,
        "gift": random.random() < 0.2,
    }


def _order_answer(random: Random) -> Made:
    path = f"/v2/orders/{unique(random)}"
    if random.random() < 0.1:
        problem = {
            "type": "https://planted.test/p/missing",
            "title": "Not found",
            "status": 404,
            "detail": words(random),
        }
        return Made(path, problem, 404)
    return Made(path, _order(random), headers=[("ETag", f'"{number(random, 9)}"'), ("Last-Modified", moment(random))])


def _orders(random: Random) -> Made:
    page = number(random, 3)
    meta = {"page": page, "per_page": 5, "total": number(random, 4), "next_page": page + 1}
    body = {"data": [_order(random) for _ in range(random.randint(2, 5))], "meta": meta}
    return Made(f"/v2/orders?page={page}&s={number(random)}", body, headers=[("X-Total-Count", str(meta["total"]))])


def _changed(random: Random) -> Made:
    return Made(f"/v2/orders/{unique(random)}", _order(random), sent={"note": words(random)})


def _product(random: Random) -> Made:
    body = {
        "slug": slug(random),
        "title": words(random),
        "prices": {one: number(random, 4) for one in random.sample(CURRENCIES, 5)},
        "images": [],
        "stock": {"on_hand": random.randrange(90), "reserved": random.randrange(9)},
        "rating": maybe(random, random.randrange(10, 50) / 10 + 0.01, 0.85),
        "released_on": day(random, 2023),
        "variants": [
            {
                "ean": str(number(random, 13)),
                "color": random.choice(["red", "blue", "green"]),
                "size": random.choice(["S", "M", "L"]),
            }
            for _ in range(random.randint(2, 6))
        ],
        "brand": {"id": number(random), "name": words(random, 1, 2), "home_page": f"https://{slug(random)}.test/"},
    }
    return Made(f"/v2/products/{number(random, 8)}", body, headers=[("Cache-Control", "max-age=60")])


ENDPOINTS = (
    Endpoint(
        "GET /v1/charges/{}",
        _charge_answer,
        unions=(Union("json.payment_method", "type", ("card", "sepa_debit", "wallet")),),
        constants=("json.object", "json.outcome.network_status"),
        enums=("json.currency",),
    ),
    Endpoint(
        "GET /v1/charges",
        _charges,
        constants=("json.object", "json.data[].object"),
        enums=("json.data[].currency",),
        unions=(Union("json.data[].payment_method", "type", ("card", "sepa_debit", "wallet")),),
    ),
    Endpoint(
        "POST /v1/charges",
        _created,
        constants=("json.object",),
        unions=(Union("json.payment_method", "type", ("card", "sepa_debit", "wallet")),),
    ),
    Endpoint("GET /v1/customers/{}", _customer, constants=("json.object",), enums=("json.preferred_locales[]",)),
    Endpoint("GET /v1/balance", _balance, constants=("json.object",)),
    Endpoint("DELETE /v1/tokens/{}", _revoked),
    Endpoint("DELETE /v1/customers/{}", _dropped, constants=("json.object",)),
    Endpoint("GET /v2/orders/{}", _order_answer, enums=("json.status", "json.shipping.carrier")),
    Endpoint("GET /v2/orders", _orders, enums=("json.data[].status",)),
    Endpoint("PATCH /v2/orders/{}", _changed, enums=("json.status",)),
    Endpoint(
        "GET /v2/products/{}", _product, maps=("json.prices",), enums=("json.variants[].color", "json.variants[].size")
    ),
)
