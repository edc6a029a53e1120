"""/docs: the API's description drawn by Swagger UI, all files served from here."""

from __future__ import annotations

import html

import swagger_ui_bundle
from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
<link rel="icon" href="/docs/files/favicon-32x32.png">
</head><body><div id="swagger-ui" data-spec="{spec}"></div>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({{url: document.getElementById("swagger-ui").dataset.spec, dom_id: "#swagger-ui",
 deepLinking: true, validatorUrl: null, persistAuthorization: false}})</script>
</body></html>"""


def install(app: FastAPI) -> None:
    """Serve the page and its files."""
    app.mount("/docs/files", StaticFiles(directory=swagger_ui_bundle.swagger_ui_path), name="docs-files")
    page = _PAGE.format(title=html.escape(app.title), spec=html.escape(app.openapi_url or ""))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page)
