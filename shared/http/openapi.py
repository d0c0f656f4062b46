"""OpenAPI 3.1 from the models and the table of routes: what is declared is what is described."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.errors import Refusal
from shared.http.examples import Filled, placeholders
from shared.http.problems import CONTENT_TYPE, SORTS, STATUS_OF, TITLE_OF
from shared.http.types import Reach, Route

Json = dict[str, Any]
_JSON = "application/json"
_ALWAYS = ("perlu-token", "token-tidak-sah", "peran-tidak-cukup", "isian-tidak-sah")
_LAST = ("terlalu-sering", "kesalahan-kami", "sedang-sibuk", "belum-siap")
_REACH = {
    "body": (
        "Isian `{0}` harus di dalam wilayah kerja Anda.",
        "The field `{0}` must lie in your areas.",
    ),
    "answer": ("Hanya yang ada di wilayah kerja Anda.", "Only what lies in your areas."),
    "row": ("Hanya yang ada di wilayah kerja Anda.", "Only what lies in your areas."),
    "filter": (
        "Hanya berisi yang ada di wilayah kerja Anda.",
        "Holds only what lies in your areas.",
    ),
    "anywhere": ("Di semua wilayah.", "In all areas: {1}"),
}
_ANY_TEXT = "Teks apa pun, setiap karakter khusus dalam bentuk persen: `/` sebagai `%2F`."
_PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457; which field is wrong and why, never the value that was sent.",
    "required": ["type", "title", "status", "code", "detail", "errors", "correlation_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer into the body, or query:…, path:…, header:…",
                    },
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "correlation_id": {"type": "string"},
        "needed": {
            "type": "array",
            "description": "The smallest set of facts with which the answer would be yes.",
            "items": {
                "type": "object",
                "required": ["fact", "who", "by", "about", "detail"],
                "properties": {
                    "fact": {"type": "string"},
                    "who": {"type": "string", "description": "A role, or an office's code."},
                    "by": {"type": ["string", "null"], "format": "date"},
                    "about": {"type": ["string", "null"], "format": "uuid"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def description(
    service: str, routes: Sequence[Route], examples: Mapping[str, Filled] | None = None
) -> Json:
    """The document. `examples` by "METHOD path": what to show instead of the placeholders."""
    schemas = _Schemas(routes)
    paths: dict[str, Json] = defaultdict(dict)
    for route in routes:
        shown = (examples or {}).get(name_of(route)) or placeholders(route)
        paths[route.path][route.method.lower()] = _operation(route, schemas, shown)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Binaan: {service}",
            "version": "1",
            "summary": "Pembinaan usaha rumahan perempuan di satu kota",
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(_tag(route) for route in routes)],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
            "schemas": {**schemas.components, "Problem": _PROBLEM},
            "examples": _examples(routes),
        },
    }


def name_of(route: Route) -> str:
    """The route's name, "POST /v1/people"."""
    return f"{route.method} {route.path}"


class _Schemas:
    """JSON Schemas of all models of the table, by model and use."""

    def __init__(self, routes: Sequence[Route]) -> None:
        wanted: dict[tuple[type[BaseModel], Any], None] = {}
        for route in routes:
            wanted[route.answer, "serialization"] = None
            for model in filter(None, (route.body, route.query)):
                wanted[model, "validation"] = None
        self.of, document = models_json_schema(
            list(wanted), ref_template="#/components/schemas/{model}"
        )
        self.components: Json = document.get("$defs", {})
        self._queries = {
            route.query: self.components.pop(_name(self.of[route.query, "validation"]))
            for route in {r.query: r for r in routes}.values()
            if route.query is not None
        }

    def body(self, route: Route) -> Json:
        return self.of[_required(route.body), "validation"]

    def answer(self, route: Route) -> Json:
        return self.of[route.answer, "serialization"]

    def query(self, model: type[BaseModel]) -> tuple[Json, set[str]]:
        """A query model's fields and which of them must be there."""
        schema = self._queries[model]
        return schema.get("properties", {}), set(schema.get("required", ()))


def _name(reference: Json) -> str:
    name: str = reference["$ref"].rpartition("/")[2]
    return name


def _required(model: type[BaseModel] | None) -> type[BaseModel]:
    assert model is not None  # noqa: S101 - asked for routes with a body only
    return model


def _operation(route: Route, schemas: _Schemas, shown: Filled) -> Json:
    reach = _reach(route.reach)
    told = route.unparsed.identity if route.unparsed else ()
    operation: Json = {
        "operationId": _operation_id(route),
        "tags": [_tag(route)],
        "summary": route.summary,
        "description": "\n\n".join(
            (route.english, f"Peran: {', '.join(sorted(route.allow))}.", *reach.values(), *told)
        ),
        "parameters": list(_parameters(route, schemas, shown)),
        "responses": {str(route.status): _success(route, schemas), **_problems(route)},
        "x-summary-en": route.english,
        "x-roles": sorted(route.allow),
        "x-reach": reach,
        "x-refusals": [_refusal(refusal) for refusal in route.refusals],
        "x-example": {
            "role": route.example.role,
            "path": shown.path,
            "if_match": shown.if_match,
            "body": shown.body,
        },
    }
    if route.example.office:
        operation["x-example"]["office"] = route.example.office
    if route.body is not None:
        content: Json = {"schema": schemas.body(route)}
        if shown.body is not None:
            content["example"] = shown.body
        described, *others = route.unparsed.media if route.unparsed else (_JSON,)
        operation["x-example"]["content_type"] = described
        media = {described: content} | {other: {"schema": {"type": "object"}} for other in others}
        operation["requestBody"] = {"required": True, "content": media}
    return operation


def _parameters(route: Route, schemas: _Schemas, shown: Filled) -> Iterator[Json]:
    for name in re.findall(r"\{(\w+)\}", route.path):
        parameter = {"name": name, "in": "path", "required": True}
        if name in route.path_texts:
            yield {**parameter, "description": _ANY_TEXT, "schema": {"type": "string"}}
        else:
            yield {**parameter, "schema": {"type": "string", "format": "uuid"}}
    if route.query is not None:
        fields, required = schemas.query(route.query)
        for name, schema in fields.items():
            parameter = {"name": name, "in": "query", "required": name in required}
            yield {**parameter, "schema": _without_null(schema)}
    for name, text in (route.unparsed.headers if route.unparsed else {}).items():
        yield {**_header(name, text, {"type": "string"}), "required": False}
    if route.keyed:
        yield _header(
            "Idempotency-Key",
            "Satu kunci, satu akibat: ulangi permintaan dengan kunci yang sama. Berlaku 48 jam.",
            {"type": "string", "minLength": 1, "maxLength": 200},
        )
    if route.if_match:
        schema = {"type": "string", "pattern": '^"[1-9][0-9]*"$'}
        header = _header("If-Match", "ETag yang terakhir Anda terima.", schema)
        yield header if shown.if_match is None else {**header, "example": shown.if_match}


def _header(name: str, text: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "required": True, "description": text, "schema": schema}


def _without_null(schema: Json) -> Json:
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    if rest.get("default", "") is None:
        del rest["default"]
    if len(choices) == 1:
        return {**rest, **choices[0]}
    return {**rest, "anyOf": choices} if choices else rest


def _success(route: Route, schemas: _Schemas) -> Json:
    headers = {"X-Correlation-ID": "Nomor untuk menelusuri permintaan ini."}
    if "version" in route.answer.model_fields:
        headers["ETag"] = "Versi, untuk If-Match."
    if route.keyed:
        headers["Idempotency-Replayed"] = "true: jawaban yang disimpan."
    if route.status == 202:
        headers["Location"] = "Tempat jawabannya kelak."
    if route.status == 201:
        headers["Location"] = "Alamat yang baru."
    if route.reach.how == "filter":
        headers["Link"] = 'rel="next": halaman berikutnya; tidak ada bila habis.'
    return {
        "description": route.summary,
        "headers": {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in headers.items()
        },
        "content": {_JSON: {"schema": schemas.answer(route)}},
    }


def _problems(route: Route) -> Json:
    """Every "no" that the route can give, by status, each with its code and both texts."""
    by_status: dict[int, list[Json]] = defaultdict(list)
    for sort in _sorts(route):
        by_status[sort["status"]].append(sort)
    return {str(status): _no(status, by_status[status]) for status in sorted(by_status)}


def _sorts(route: Route) -> Iterator[Json]:
    for code in edge_codes(route):
        sort = SORTS[code]
        yield {"name": code, "code": code, "status": sort.status, "id": sort.id, "en": sort.en}
    for refusal in route.refusals:  # several may share a code and differ in their sentence
        yield {"name": f"{refusal.code}.{refusal.__name__}", **_refusal(refusal)}


def _examples(routes: Sequence[Route]) -> Json:
    """Each problem as it looks, in each language."""
    return {
        f"{sort['name']}.{language}": {"value": _example(sort, language)}
        for route in routes
        for sort in _sorts(route)
        for language in ("id", "en")
    }


def edge_codes(route: Route) -> list[str]:
    """The problems of the edge itself that a route can give."""
    found: list[str] = [*_ALWAYS]
    if route.reach.how != "anywhere":
        found.append("di-luar-wilayah")
    if route.unparsed:
        found += ["terlalu-besar", "jenis-isi-tidak-didukung", *route.unparsed.problems]
    elif route.body is not None:
        found += ["json-tidak-sah", "terlalu-besar", "jenis-isi-tidak-didukung", "di-luar-batas"]
    if route.keyed:
        found += ["sedang-diproses", "kunci-dipakai-ulang"]
    if route.if_match:
        found.append("perlu-if-match")
    return [*found, *_LAST]


def _no(status: int, sorts: Sequence[Json]) -> Json:
    answer: Json = {
        "description": "; ".join(f"`{sort['code']}` {sort['id']}" for sort in sorts),
        "content": {
            CONTENT_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {
                    name: {"$ref": f"#/components/examples/{name}"}
                    for sort in sorts
                    for name in (f"{sort['name']}.id", f"{sort['name']}.en")
                },
            }
        },
    }
    names = {401: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"]}.get(status, [])
    if any(sort["code"] in ("sedang-diproses", "belum-tersedia") for sort in sorts):
        names = ["Retry-After"]
    if names:
        answer["headers"] = {name: {"schema": {"type": "string"}} for name in names}
    return answer


def _example(sort: Json, language: str) -> Json:
    english, status = language == "en", sort["status"]
    title = TITLE_OF[status][english] if sort.get("kind") else sort[language]
    return {
        "type": f"/docs#{sort['code']}",
        "title": title,
        "status": status,
        "code": sort["code"],
        "detail": sort[language],
        "errors": [{"pointer": "", "code": sort["code"], "detail": sort[language]}],
        "correlation_id": "0199b7a4-5f3a-7c00-8000-3c5a2f9d1e42",
    }


def _refusal(refusal: type[Refusal]) -> Json:
    return {
        "code": refusal.code,
        "kind": refusal.kind,
        "status": STATUS_OF[refusal.kind],
        "id": (refusal.__doc__ or "").strip(),
        "en": refusal.english,
    }


def _reach(reach: Reach) -> dict[str, str]:
    indonesian, english = _REACH[reach.how]
    return {
        "id": indonesian.format(reach.field, reach.reason),
        "en": english.format(reach.field, reach.reason),
    }


def _operation_id(route: Route) -> str:
    """Of the path and not of the function: the page's addresses stay when code is moved."""
    words = re.findall(r"\w+", route.path.removeprefix("/v1"))
    return "-".join((route.method.lower(), *words))


def _tag(route: Route) -> str:
    return route.path.split("/")[2]
