"""The editors' API: spots and decisions, for programs with a token.

`door` says who comes in, `asks` what can be asked, `bodies` and `annotations` what is answered,
`views` are the routes, and `document` describes all of it as OpenAPI.
"""

from feedback.web.api.views import bp

__all__ = ["bp"]
