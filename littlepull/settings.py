"""One settings file, read from the environment; `.env.example` lists every name.

With nothing set this is a development server on localhost. ENVIRONMENT=production
refuses to start without its secrets, so a half-configured deployment fails at once
instead of running with keys that anybody can read in this file.
"""

import base64
import hashlib
import os
import sys
import tempfile
from ipaddress import ip_network
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

ENVIRONMENT = env.str("ENVIRONMENT", default="development")
if ENVIRONMENT not in {"development", "production"}:
    raise ImproperlyConfigured("ENVIRONMENT is either development or production.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = not PRODUCTION and env.bool("DEBUG", default=False)


def secret(name: str, *, development: str) -> str:
    """The value of a secret; in production there is no default."""
    value = env.str(name, default="" if PRODUCTION else development)
    if not value:
        raise ImproperlyConfigured(f"{name} must be set when ENVIRONMENT=production (see .env.example).")
    return value


# Secrets ---------------------------------------------------------------------------------------
SECRET_KEY = secret("SECRET_KEY", development="development-only-" + "0" * 50)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])


def sealing_keys() -> list[bytes]:
    """The first key wraps new job keys, all of them unwrap: so the first can be rotated."""
    development = base64.b64encode(hashlib.sha256(b"development-only").digest()).decode()
    keys = [base64.b64decode(key) for key in secret("SEALING_KEYS", development=development).split(",")]
    if any(len(key) != 32 for key in keys):
        raise ImproperlyConfigured("SEALING_KEYS holds base64 of 32 random bytes each, comma-separated.")
    return keys


SEALING_KEYS = sealing_keys()


def signing_seeds() -> list[bytes]:
    """Ed25519 seeds: the first signs, all are published, so that what was signed yesterday still verifies."""
    development = base64.b64encode(hashlib.sha256(b"development-only:signing").digest()).decode()
    seeds = [base64.b64decode(seed) for seed in secret("SIGNING_SEEDS", development=development).split(",")]
    if any(len(seed) != 32 for seed in seeds):
        raise ImproperlyConfigured("SIGNING_SEEDS holds base64 of 32 random bytes each, comma-separated.")
    return seeds


SIGNING_SEEDS = signing_seeds()

# Where it listens ------------------------------------------------------------------------------
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must be set when ENVIRONMENT=production (see .env.example).")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
ROOT_URLCONF = "littlepull.urls"
ASGI_APPLICATION = "littlepull.asgi.application"

# Apps ------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Before staticfiles it replaces runserver. Nothing else wants its server, Twisted, at every command's start.
    *(["daphne"] if "runserver" in sys.argv else []),
    "littlepull.console.apps.ConsoleConfig",  # django.contrib.admin, on our site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # the pages of passkeys and sessions load it
    "channels",
    "ninja",  # as an app it serves the API documentation's assets itself, without a CDN
    "accounts",  # before allauth: its templates are ours
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.github",
    "allauth.mfa",
    "billing",
    "routing",
    "extraction",
    "privacy",
    "littlepull",
]

# Django's own middleware costs more than a whole API request, which needs none of it: littlepull.middleware
# holds the same classes, skipping API paths.
MIDDLEWARE = [
    "littlepull.middleware.request_context",
    "littlepull.middleware.SiteSecurity",
    "littlepull.middleware.SiteSession",
    "littlepull.middleware.site_language",
    "littlepull.middleware.SiteCommon",
    "littlepull.middleware.SiteCsrf",
    "littlepull.middleware.SiteAuthentication",
    "littlepull.middleware.SiteMessages",
    "littlepull.middleware.SiteFrameOptions",
    "allauth.account.middleware.AccountMiddleware",
]

# These three look for Django's own names above; the classes are there, under ours (a test holds the headers).
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002", "security.W003"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "littlepull" / "templates"],  # before the admin: its frame is ours
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "littlepull.portal.context.describe_page",
            ],
        },
    },
]

# Database --------------------------------------------------------------------------------------
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'littlepull.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # secure_delete: the wrapped key of a destroyed job is overwritten, not just unlinked from its page.
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;"
    sqlite_options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
    DATABASES["default"]["OPTIONS"] = sqlite_options
    # Worker and server are other processes and threads: an in-memory test database would hide from them.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    # Under ASGI every request has its own thread; persistent connections would leak one for each.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    # After the database was restarted, those in the pool are dead: they are asked before they are given out.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 2, "max_size": 8, "timeout": 10}}

# Redis ------------------------------------------------------------------------------------------
# Where it is set, processes and hosts count their limits together, and wake each other: see docs/operations.md.
REDIS_URL = env.str("REDIS_URL", default="")
REDIS_PREFIX = env.str("REDIS_PREFIX", default="littlepull")  # installations that share a Redis have one each
# Limits on guessing lie in it: a bound that strangers reach by asking under many names would make it forget some.
LOCAL_CACHE = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}}
CACHES = {"default": {**LOCAL_CACHE}, "process": {**LOCAL_CACHE, "LOCATION": "process"}}  # the second is never shared
if REDIS_URL:
    CACHES["default"] |= {"BACKEND": "accounts.shared_cache.SharedCache", "LOCATION": REDIS_URL}

# People ----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Signing in, by allauth
LOGIN_URL, LOGIN_REDIRECT_URL, ACCOUNT_LOGOUT_REDIRECT_URL = "account_login", "dashboard", "home"
ACCOUNT_ADAPTER = "littlepull.portal.sign_up.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.sign_in.display"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a changed password, address or second factor
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
ACCOUNT_SESSION_REMEMBER = True  # until the cookie's age; MFA_TRUST_ENABLED stays off: it would be a second cookie
ACCOUNT_SESSION_COOKIE_AGE = 24 * 60 * 60
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)  # in front of us, each adding to X-Forwarded-For
ACCOUNT_RATE_LIMITS = {"privacy_request": "10/h/ip"}  # besides allauth's own
SOCIALACCOUNT_ADAPTER = "littlepull.portal.sign_up.SocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
STAFF_MFA_REQUIRED = env.bool("STAFF_MFA_REQUIRED", default=PRODUCTION)  # of whoever enters the console
MFA_ADAPTER = "accounts.sign_in.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "LittlePull"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION


def sign_in_provider(name: str, **of_its_own: object) -> dict[str, object]:
    """Offered where its client id is set. It vouches for the addresses it calls verified, so they are linked."""
    client_id, secret = env.str(f"{name}_CLIENT_ID", default=""), env.str(f"{name}_CLIENT_SECRET", default="")
    apps = [{"client_id": client_id, "secret": secret, "key": ""}] if client_id else []
    return {"APPS": apps, "OAUTH_PKCE_ENABLED": True, "EMAIL_AUTHENTICATION": True, **of_its_own}


GOOGLE_BASE_URL = env.str("GOOGLE_BASE_URL", default="")  # another server in Google's place, for tests
GITHUB_BASE_URL = env.str("GITHUB_BASE_URL", default="https://github.com")
google_addresses = {
    "AUTHORIZE_URL": f"{GOOGLE_BASE_URL}/o/oauth2/v2/auth",
    "ACCESS_TOKEN_URL": f"{GOOGLE_BASE_URL}/token",
    "IDENTITY_URL": f"{GOOGLE_BASE_URL}/oauth2/v2/userinfo",
    "CERTS_URL": f"{GOOGLE_BASE_URL}/oauth2/v1/certs",
}
SOCIALACCOUNT_PROVIDERS = {
    "google": sign_in_provider("GOOGLE", SCOPE=["profile", "email"], **(google_addresses if GOOGLE_BASE_URL else {})),
    "github": sign_in_provider("GITHUB", SCOPE=["user:email"], GITHUB_URL=GITHUB_BASE_URL),
}
# Where the sign-in page's forms may lead: browsers hold redirects to the policy too.
SIGN_IN_HOSTS = [
    host
    for name, host in (("google", GOOGLE_BASE_URL or "https://accounts.google.com"), ("github", GITHUB_BASE_URL))
    if SOCIALACCOUNT_PROVIDERS[name]["APPS"]
]

# One cookie on the whole site, as the privacy policy says.
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "session_id"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 24 * 60 * 60
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_USE_SESSIONS = True
CSRF_COOKIE_SECURE = PRODUCTION
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Transport -------------------------------------------------------------------------------------
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"

# Static files ----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)

# Language and time -----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# Extraction ------------------------------------------------------------------------------------
SPOOL_DIR = Path(env.str("SPOOL_DIR", default=str(VAR_DIR / "spool")))
SPOOL_URL = env.str("SPOOL_URL", default="")  # s3://bucket/prefix: in place of SPOOL_DIR, for several hosts


def spool_bucket() -> tuple[str, str]:
    """Its name, and the prefix of what is ours in it."""
    scheme, _, place = SPOOL_URL.partition("://")
    bucket, _, prefix = place.partition("/")
    if SPOOL_URL and (scheme != "s3" or not bucket):
        raise ImproperlyConfigured("SPOOL_URL is s3://bucket or s3://bucket/prefix.")
    return bucket, prefix.strip("/")


SPOOL_BUCKET = spool_bucket()
SPOOL_S3_ENDPOINT_URL = env.str("SPOOL_S3_ENDPOINT_URL", default="")  # of a server other than Amazon's
SPOOL_S3_REGION = env.str("SPOOL_S3_REGION", default="")
SPOOL_S3_ACCESS_KEY_ID = env.str("SPOOL_S3_ACCESS_KEY_ID", default="")  # without: as boto3 finds them
SPOOL_S3_SECRET_ACCESS_KEY = env.str("SPOOL_S3_SECRET_ACCESS_KEY", default="")
SPOOL_S3_ADDRESSING_STYLE = env.str("SPOOL_S3_ADDRESSING_STYLE", default="auto")  # or path, or virtual


def doorbell_dir() -> Path:
    """Sockets by which processes on this machine wake each other; a socket's path has at most 107 characters."""
    beside = VAR_DIR.resolve() / "doorbell"
    name = f"littlepull-{os.getuid()}-{hashlib.sha256(str(beside).encode()).hexdigest()[:12]}"
    return beside if len(str(beside)) < 70 else Path(tempfile.gettempdir()) / name


DOORBELL_DIR = Path(env.str("DOORBELL_DIR", default=str(doorbell_dir())))
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=100 * 1024 * 1024)
MAX_BATCH_BYTES = env.int("MAX_BATCH_BYTES", default=500 * 1024 * 1024)  # all files of one request
MAX_INLINE_BYTES = env.int("MAX_INLINE_BYTES", default=32 * 1024 * 1024)  # an upload as JSON, in memory
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", default=1024 * 1024)  # any request that is not an upload
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024  # an upload's form fields, percent-encoded by the intake
# Beyond it Django would put a request's body, and with it schemas, into a file of its own, in the clear.
FILE_UPLOAD_MAX_MEMORY_SIZE = max(DATA_UPLOAD_MAX_MEMORY_SIZE, MAX_BODY_BYTES)
WORKER_SLOTS = env.int("WORKER_SLOTS", default=1)  # jobs a worker runs at once, an engine process each
ENGINE_THREADS = env.int("ENGINE_THREADS", default=2)
ENGINE_MAX_RSS_BYTES = env.int("ENGINE_MAX_RSS_BYTES", default=1200 * 1024 * 1024)
ENGINE_PRELOAD = env.list("ENGINE_PRELOAD", default=["rapidocr", "faster-whisper"])
# Celery's broker, redis:// or amqp://: it carries tickets to the workers of many machines (docs/operations.md).
QUEUE_URL = env.str("QUEUE_URL", default="")
if QUEUE_URL and not QUEUE_URL.startswith(("redis://", "rediss://", "amqp://", "amqps://")):
    raise ImproperlyConfigured("QUEUE_URL begins with redis://, rediss://, amqp:// or amqps://.")
# Where jobs of an engine that was asked for wait: easyocr=gpu,openai-whisper=gpu. All others wait in "cpu".
ENGINE_QUEUES = env.dict("ENGINE_QUEUES", default={})
if not all(0 < len(queue) <= 20 for queue in ENGINE_QUEUES.values()):
    raise ImproperlyConfigured("ENGINE_QUEUES is engine=queue,engine=queue; a queue's name has at most 20 letters.")
# How late a worker is when nobody rings; watchers look twice as often. Rings that cross machines need Redis.
LOOK_AGAIN_SECONDS = env.float("LOOK_AGAIN_SECONDS", default=1.0)
LEASE_SECONDS = env.int("LEASE_SECONDS", default=15)
MAX_ATTEMPTS = env.int("MAX_ATTEMPTS", default=3)
RATE_LIMIT_REQUESTS = env.int("RATE_LIMIT_REQUESTS", default=600)
RATE_LIMIT_WINDOW_SECONDS = env.int("RATE_LIMIT_WINDOW_SECONDS", default=60)

# Hosts of your own network that callers may name in url, webhook_url and endpoints; every other one has to be
# public and speak https. Entries are host or host:port.
OUTBOUND_TRUSTED_HOSTS = env.list("OUTBOUND_TRUSTED_HOSTS", default=[])

# Mail --------------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="LittlePull <no-reply@localhost>")

# Providers of model calls: only those that are configured are ever called --------------------------
LLM_NAMES = (
    "anthropic",
    "together",
    "fireworks",
    "groq",
    "selfhosted",
    "scripted",
)  # their addresses: routing.providers


def llm_providers() -> dict[str, dict[str, str]]:
    """name -> api_key and base_url. The vendors count as configured by their key, servers of one's own by their URL."""
    configured = {}
    for name in LLM_NAMES:
        key = env.str(f"{name.upper()}_API_KEY", default="")
        url = env.str(f"{name.upper()}_BASE_URL", default="")
        if url if name in ("selfhosted", "scripted") else key:
            configured[name] = {"api_key": key, "base_url": url}
    return configured


LLM_PROVIDERS = llm_providers()
MAPPING_MODELS = {name: model for name in LLM_NAMES if (model := env.str(f"{name.upper()}_MAPPING_MODEL", default=""))}

# Gateway -----------------------------------------------------------------------------------------
JOURNAL_DIR = Path(env.str("JOURNAL_DIR", default=str(VAR_DIR / "journal")))  # on a disk that outlives the process
GATEWAY_BUDGET_SECONDS = env.float("GATEWAY_BUDGET_SECONDS", default=60.0)  # to the first byte, over all tries
GATEWAY_IDLE_SECONDS = env.float("GATEWAY_IDLE_SECONDS", default=30.0)  # between two events of a stream
GATEWAY_MAX_TRIES = env.int("GATEWAY_MAX_TRIES", default=5)
GATEWAY_MAX_OUTPUT_TOKENS = env.int("GATEWAY_MAX_OUTPUT_TOKENS", default=8192)  # where a request names no bound
GATEWAY_MAX_BODY_BYTES = env.int("GATEWAY_MAX_BODY_BYTES", default=4 * 1024 * 1024)
STATISTICS_MIN_KEYS = env.int("STATISTICS_MIN_KEYS", default=20)  # behind every published figure
STATISTICS_MIN_REQUESTS = env.int("STATISTICS_MIN_REQUESTS", default=500)
GATEWAY_EXPLORE = env.bool("GATEWAY_EXPLORE", default=True)  # a small share goes to near equals, to learn of them

# Privacy -----------------------------------------------------------------------------------------
ERASURE_LOG = Path(env.str("ERASURE_LOG", default=str(VAR_DIR / "erasures.log")))  # outlives the database
AUDIT_LOG = Path(env.str("AUDIT_LOG", default=str(VAR_DIR / "audit.log")))  # signed heads of the audit log, likewise

# Payments ----------------------------------------------------------------------------------------
# Without its key a provider is not offered. BASE_URL points its SDK at another server, such as our rehearsal.
DODO_PAYMENTS_API_KEY = env.str("DODO_PAYMENTS_API_KEY", default="")
DODO_PAYMENTS_WEBHOOK_KEY = env.str("DODO_PAYMENTS_WEBHOOK_KEY", default="")  # several, comma-separated, to rotate
DODO_PAYMENTS_ENVIRONMENT = env.str("DODO_PAYMENTS_ENVIRONMENT", default="test_mode")
DODO_PAYMENTS_BASE_URL = env.str("DODO_PAYMENTS_BASE_URL", default="")
PADDLE_API_KEY = env.str("PADDLE_API_KEY", default="")
PADDLE_WEBHOOK_SECRET = env.str("PADDLE_WEBHOOK_SECRET", default="")
PADDLE_ENVIRONMENT = env.str("PADDLE_ENVIRONMENT", default="sandbox")
PADDLE_BASE_URL = env.str("PADDLE_BASE_URL", default="")
PROVIDER_TIMEOUT_SECONDS = env.float("PROVIDER_TIMEOUT_SECONDS", default=15.0)
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="privacy@example.com")  # in the policy, on pages, in security.txt
SELLER_NAME = env.str("SELLER_NAME", default="LittlePull")
SELLER_ADDRESS = env.list("SELLER_ADDRESS", default=[])  # its lines, comma-separated
SELLER_TAX_ID = env.str("SELLER_TAX_ID", default="")

# Metrics ---------------------------------------------------------------------------------------
# /metrics is for who has the token; without one for this machine itself, where no proxy stands in between, and for
# these addresses or networks of whoever connects (never what X-Forwarded-For says).
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_ALLOWED = [ip_network(one) for one in env.list("METRICS_ALLOWED", default=[])]

DISK_RESERVE_PERCENT = env.int("DISK_RESERVE_PERCENT", default=2)  # with less room left, /readyz says no

OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")  # without it no span is made

# Logs and errors: no header, body, local variable or name of a person ever reaches either ---------
DEFAULT_EXCEPTION_REPORTER = "littlepull.error_reports.BareExceptionReporter"
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default="json" if PRODUCTION else "line")
if LOG_FORMAT not in {"line", "json"}:
    raise ImproperlyConfigured("LOG_FORMAT is either line or json.")
LOG_REQUESTS = env.bool("LOG_REQUESTS", default=PRODUCTION)  # a line for each: route, status and time, no address
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "littlepull.error_reports.BareFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "littlepull.log_lines.JsonFormatter"},
    },
    "filters": {
        "exceptions": {"()": "littlepull.error_reports.OnlyExceptions"},
        "nothing_sent_to_us": {"()": "littlepull.log_lines.NothingSentToUs"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["nothing_sent_to_us"]}
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # httpx names the addresses it calls, a customer's webhook among them; uvicorn those of who opens a WebSocket.
    "loggers": {
        "django": {"handlers": []},
        "django.request": {"filters": ["exceptions"]},
        "httpx": {"level": "WARNING"},
        "dodopayments": {"level": "WARNING"},  # at DEBUG it logs what it sends
        "httpcore": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},  # at DEBUG it logs what it sends, and its signatures
        "boto3": {"level": "WARNING"},
        "celery.redirected": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},  # a line for each ticket
        "celery.app.trace": {"level": "WARNING"},
        "null_logger": {"level": "CRITICAL"},  # Paddle's SDK: addresses with the ids of customers
        "uvicorn.error": {"level": "WARNING"},
    },
}
