"""The ASGI application: plain, so that it runs under any server.

From the outside in: static files, what is observed of each request, chat completions, uploads into the
spool, the size of bodies, then Django and the WebSockets.
"""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "littlepull.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import path  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402

from accounts import meters, tracing  # noqa: E402
from extraction.consumers import ExtractionConsumer  # noqa: E402
from extraction.intake import spooled_uploads  # noqa: E402
from littlepull.headers import with_security_headers  # noqa: E402
from littlepull.limits import bounded_bodies  # noqa: E402
from littlepull.observing import observed  # noqa: E402
from routing.gateway import gateway  # noqa: E402

websockets = URLRouter([path("ws/extractions/<str:extraction_id>", ExtractionConsumer.as_asgi())])
product = ProtocolTypeRouter(
    {
        "http": gateway(
            otherwise=spooled_uploads(django_application, otherwise=bounded_bodies(django_application)),
        ),
        "websocket": AuthMiddlewareStack(websockets),
    }
)
meters.begin("web")
tracing.begin("web")
gc.freeze()  # what is loaded by now stays; the collector need not walk it while somebody waits
application = with_security_headers(
    ServeStaticASGI(observed(product), root=str(settings.STATIC_ROOT), prefix=settings.STATIC_URL)
)
