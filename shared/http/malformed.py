"""What isn't even HTTP: answered with problem details too, and without a word of what was sent."""

from __future__ import annotations

from uuid import uuid4

from aiohttp import web

from shared.http.problems import CONTENT_TYPE, Problem, rendered
from shared.logs import log


class _Connection(web.RequestHandler):
    """aiohttp's own answer is plain text, and quotes the line that it could not read."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - it quotes
    ) -> web.StreamResponse:
        """Raises ConnectionError when a part of an answer is on its way already."""
        if request.writer.output_size > 0:
            raise ConnectionError("half answered")
        if status < 500:
            problem = Problem("http-tidak-sah")
            log.info("malformed_request", error=type(exc).__name__)
        else:
            problem = Problem("kesalahan-kami")
            log.error("request_failed", exc_info=exc)
        correlation = str(uuid4())
        answer = web.Response(
            status=problem.status,
            body=rendered(problem, "id", correlation),
            headers={
                "Content-Type": CONTENT_TYPE,
                "Content-Language": "id",
                "X-Correlation-ID": correlation,
            },
        )
        answer.force_close()
        return answer


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


def answer_malformed(server: web.Server) -> None:
    """Have a server that was set up answer so; aiohttp has no public way to choose its handler."""
    server.__class__ = _Server
