"""The documentation: guides, one after the other, and what is found in them."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from littlepull.site.guides import FILES, all_guides, read_guide, search
from littlepull.site.showing import show

LONGEST_QUESTION = 100


async def docs(request: HttpRequest) -> HttpResponse:
    """Every guide with its contents; with `?q=`, what is found."""
    question = request.GET.get("q", "").replace("\0", "")[:LONGEST_QUESTION].strip()
    guides = await sync_to_async(all_guides)()
    context = {"guides": guides, "question": question, "hits": search(question)}
    return await show(request, "site/docs.html", context)


async def docs_page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in FILES:
        raise Http404
    guides = await sync_to_async(all_guides)()
    place = list(FILES).index(slug)
    context = {
        "guide": read_guide(slug),
        "guides": guides,
        "before": guides[place - 1] if place else None,
        "after": guides[place + 1] if place + 1 < len(guides) else None,
    }
    return await show(request, "site/docs_page.html", context)


urlpatterns = [path("docs", docs, name="docs"), path("docs/<slug:slug>", docs_page, name="docs_page")]
