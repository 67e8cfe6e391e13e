"""The roof: settings, urls, the ASGI application, the API object. Imports everything, imported by nobody."""

__version__ = "0.1.0"
