"""A simulated shop API with the variation of real traffic: ids, dates, nulls, parts that come and go, pages, errors."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from lookalike.messages import Exchange, Request, Response

BASE = "https://api.shop.test"
_WORDS = ("amber", "basil", "cedar", "delta", "ember", "fjord", "grove", "haven", "inlet", "jetty")
_SENT = {"Content-Type": "application/json", "Authorization": "Bearer <TOKEN>"}


def recordings(seed: int, *, count: int = 24) -> list[Exchange]:
    """About `count` exchanges of each of eight operations, the same for the same seed."""
    random = Random(seed)
    found = []
    for at in range(count):
        day = f"2026-11-{1 + at % 20:02}"
        found += [
            _get(f"/v1/customers/{_login(random)}", _customer(random), day),
            _get(f"/v1/orders/{random.randrange(10**6)}", _order(random), day),
            _get(f"/v1/products/{random.randrange(10**6)}", _product(random), day),
            _get(f"/v1/orders?page={at + 1}&per_page=20", [_order(random) for _ in range(20)], day, page=at + 1),
            _get(f"/v1/events?after={at}", {"data": [_event(random) for _ in range(12)], "has_more": True}, day),
            _created(random, day) if random.random() < 0.9 else _refused(random, day),
            _changed(random, day),
            Exchange(Request("DELETE", f"{BASE}/v1/orders/{random.randrange(10**6)}", _SENT), Response(204), day=day),
        ]
        if random.random() < 0.1:
            found.append(_get(f"/v1/products/{random.randrange(10**6)}", _problem("not_found"), day, 404))
    return found


def _get(path: str, body: Any, day: str, status: int = 200, *, page: int = 0) -> Exchange:
    headers = {"Content-Type": "application/json", "X-Request-Id": f"{day}{path}", "Date": day}
    if page:
        headers["Link"] = f'<{BASE}/v1/orders?page={page + 1}>; rel="next"'
        headers["X-Total-Count"] = "2000"
    if page % 3 == 0:
        headers["X-RateLimit-Remaining"] = str(5000 - page)
    return Exchange(Request("GET", BASE + path, _SENT), Response(status, headers, json.dumps(body)), day=day)


def _login(random: Random) -> str:
    return f"{random.choice(_WORDS)}{random.randrange(1000)}"


def _maybe(random: Random, value: Any, share: float = 0.5) -> Any:
    return value if random.random() < share else None


def _date(random: Random) -> str:
    return f"2026-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}T{random.randrange(24):02}:15:00Z"


def _customer(random: Random) -> dict[str, Any]:
    login = _login(random)
    return {
        "id": random.randrange(10**6), "login": login, "email": _maybe(random, f"{login}@shop.test", 0.7),
        "name": _maybe(random, login.title(), 0.8), "created_at": _date(random), "verified": random.random() < 0.6,
        "address": _maybe(random, {"city": random.choice(_WORDS), "zip": f"{random.randrange(10**5):05}"}, 0.6),
        "tags": random.sample(_WORDS, random.randrange(4)), "balance": random.randrange(10**4) / 100,
    }  # fmt: skip


def _order(random: Random) -> dict[str, Any]:
    paid = random.random() < 0.7
    return {
        "id": random.randrange(10**6), "status": random.choice(["open", "paid", "sent", "returned"]),
        "paid_at": _date(random) if paid else None, "note": _maybe(random, "as a gift", 0.1),
        "customer": {"id": random.randrange(10**6), "login": _login(random), "company": _maybe(random, "Acme", 0.3)},
        "lines": [_line(random) for _ in range(random.randrange(1, 5))], "total": random.randrange(10**5),
        "currency": random.choice(["EUR", "USD"]), "created_at": _date(random),
    }  # fmt: skip


def _line(random: Random) -> dict[str, Any]:
    line = {"sku": f"sku_{random.randrange(10**8):08}", "quantity": random.randrange(1, 9), "price": 100}
    return {**line, "discount": random.randrange(50)} if random.random() < 0.3 else line


def _product(random: Random) -> dict[str, Any]:
    return {
        "id": random.randrange(10**6), "title": " ".join(random.sample(_WORDS, 3)), "price": random.randrange(10**4),
        "prices": {currency: random.randrange(10**4) for currency in random.sample(["EUR", "USD", "GBP", "CHF"], 2)},
        "weight": _maybe(random, random.randrange(100) / 10, 0.8), "images": [], "stock": random.randrange(50),
        "seo": {"title": _maybe(random, "buy", 0.5), "slug": "-".join(random.sample(_WORDS, 2))},
    }  # fmt: skip


def _event(random: Random) -> dict[str, Any]:
    kind = random.choice(["order.paid", "order.sent"])
    about = {"amount": 12} if kind == "order.paid" else {"carrier": "post", "parcel": _maybe(random, "P1", 0.5)}
    return {"id": f"evt_{random.randrange(16**10):010x}", "type": kind, "at": _date(random), "about": about}


def _problem(code: str, *fields: str) -> dict[str, Any]:
    return {"message": code.replace("_", " "), "errors": [{"field": one, "code": "missing_field"} for one in fields]}


def _sent(random: Random) -> dict[str, Any]:
    sent = {"customer": random.randrange(10**6), "currency": "EUR", "lines": [_line(random)]}
    return {**sent, "note": "as a gift"} if random.random() < 0.4 else sent


def _created(random: Random, day: str) -> Exchange:
    sent = _sent(random)
    body = {**_order(random), "note": sent.get("note")}
    headers = {"Content-Type": "application/json", "Location": f"/v1/orders/{body['id']}"}
    request = Request("POST", BASE + "/v1/orders", _SENT, json.dumps(sent).encode())
    return Exchange(request, Response(201, headers, json.dumps(body)), day=day)


def _refused(random: Random, day: str) -> Exchange:
    sent = _sent(random)
    del sent["customer"]
    request = Request("POST", BASE + "/v1/orders", _SENT, json.dumps(sent).encode())
    headers = {"Content-Type": "application/json"}
    return Exchange(request, Response(422, headers, json.dumps(_problem("invalid", "customer"))), day=day)


def _changed(random: Random, day: str) -> Exchange:
    sent = json.dumps({"note": random.choice(_WORDS)}).encode()
    request = Request("PATCH", f"{BASE}/v1/orders/{random.randrange(10**6)}", _SENT, sent)
    return Exchange(request, Response(200, {"Content-Type": "application/json"}, json.dumps(_order(random))), day=day)
