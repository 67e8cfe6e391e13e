"""Google and GitHub in small: a local server that speaks their authorization code flow, PKCE and all."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt


@dataclass
class Somebody:
    """Who signs in there."""

    uid: str = "4711"
    email: str = "ada@example.com"
    name: str = "Ada Lovelace"
    verified: bool = True


@dataclass
class SignInProviders:
    url: str = ""
    somebody: Somebody = field(default_factory=Somebody)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)  # why a token was not given

    def authorize(self, asked: dict[str, str]) -> str:
        """The address the browser is sent back to."""
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def give_token(self, told: dict[str, str]) -> dict[str, Any] | None:
        asked = self.codes.pop(told["code"], None)
        if asked is None:
            return self._refuse("the code was used before")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(told.get("code_verifier", "").encode()).digest())
        if asked["code_challenge"] != challenge.decode().rstrip("="):
            return self._refuse("the verifier does not fit the challenge")
        if (told["client_id"], told["client_secret"]) != (asked["client_id"], "a secret"):
            return self._refuse("wrong client")
        now = int(time.time())
        who = self.somebody
        identity = {"sub": who.uid, "email": who.email, "email_verified": who.verified, "name": who.name}
        about = {"iss": "https://accounts.google.com", "aud": asked["client_id"], "iat": now, "exp": now + 600}
        personal = {"picture": f"{self.url}/ada.jpg", "locale": "en-GB", "hd": "example.com"}
        token = jwt.encode({**identity, **about, **personal}, "unused" * 8, algorithm="HS256")
        return {"access_token": "token", "token_type": "bearer", "scope": "email", "id_token": token}

    def _refuse(self, why: str) -> None:
        self.refused.append(why)

    def tell_of_github_user(self) -> dict[str, Any]:
        who = self.somebody
        told = {"id": int(who.uid), "login": "ada", "name": who.name, "avatar_url": f"{self.url}/ada.jpg"}
        return {**told, "email": None, "bio": "Counts.", "location": "London", "company": "Engines"}


@contextmanager
def start_providers() -> Iterator[SignInProviders]:
    providers = SignInProviders()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            if where.path in ("/o/oauth2/v2/auth", "/login/oauth/authorize"):
                asked = {name: values[0] for name, values in parse_qs(where.query).items()}
                self.send_response(302)
                self.send_header("Location", providers.authorize(asked))
                self.end_headers()
            elif where.path == "/api/v3/user":
                self._answer(providers.tell_of_github_user())
            elif where.path == "/api/v3/user/emails":
                who = providers.somebody
                self._answer([{"email": who.email, "primary": True, "verified": who.verified}])
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            token = providers.give_token({name: values[0] for name, values in parse_qs(body).items()})
            self._answer(token or {"error": "invalid_grant"}, status=200 if token else 400)

        def _answer(self, body: Any, *, status: int = 200) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    providers.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield providers
    finally:
        server.shutdown()
        server.server_close()
