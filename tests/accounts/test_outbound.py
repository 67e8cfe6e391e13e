"""Where strangers can send us: only to public places, and only to what was checked."""

from __future__ import annotations

import socket
import ssl

import pytest
import trustme

from accounts import outbound
from accounts.errors import AddressFailed, AddressRefused
from tests.receivers import Answers, Receiver

PUBLIC = "93.184.215.14"
NOT_PUBLIC = [
    *("127.0.0.1", "127.255.0.9", "10.0.0.7", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("100.100.100.200", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
    *("168.63.129.16", "192.0.0.192", "192.88.99.1"),
    *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "5f00::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1"),
    *("2002:7f00:1::", "2002:0a00:0001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
]
REFUSED_AS_WRITTEN = [
    *("http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com"),
    *("", "nonsense", "https://", "https:///path", "https://:443/", "javascript:alert(1)", "https://exa mple.com/"),
    *("https://user:secret@example.com/", "https://user@example.com/", "https://example.com\n.evil/"),
    *("https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://0x7f.1/"),
    *("https://127.0.0.1./", "https://[::ffff:7f00:1]/", "https://[::1%25lo]/", "https://１２７.0.0.1/"),
    *("https://example.com:22/", "https://example.com:25/", "https://example.com:80/", "https://example.com:0/"),
    *("https://example.com:99999/", "https://example.com/" + "a" * 2048, "http://localhost/"),
]  # fmt: skip


@pytest.fixture
def names(monkeypatch) -> dict[str, list[list[str]]]:
    """A resolver of our own: each name has a list of answers, given in turn, the last again and again."""
    book: dict[str, list[list[str]]] = {}
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str | bytes, port: int, *arguments: object, **options: object) -> list:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name not in book:
            return real(host, port, *arguments, **options)
        asked.append(name)
        answer = book[name][min(asked.count(name), len(book[name])) - 1]
        return [entry for address in answer for entry in real(address, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    book["asked"] = [asked]
    return book


@pytest.fixture(autouse=True)
def trusted(settings) -> None:
    settings.OUTBOUND_TRUSTED_HOSTS = []


async def visit(url: str, **options: object) -> int:
    async with outbound.request("GET", url, seconds=5, **options) as response:
        return response.status_code


@pytest.mark.parametrize("url", REFUSED_AS_WRITTEN)
async def test_addresses_refused_as_they_are_written(url):
    """F5: before any name server is asked."""
    with pytest.raises(AddressRefused):
        outbound.check_address(url)
    with pytest.raises(AddressRefused):
        await visit(url)


@pytest.mark.parametrize(
    "url",
    ["https://example.com", "https://example.com:8443/a?b=c#d", f"https://{PUBLIC}/", "https://[2606:4700::1111]/",
     "https://bücher.example/", "https://EXAMPLE.com./"],
)  # fmt: skip
def test_addresses_that_may_be_tried(url):
    """F5: ordinary addresses pass."""
    outbound.check_address(url)


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_names_and_numbers_that_lead_inside(names, address):
    """F5: refused as a number, and as a name that has it among its addresses."""
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(AddressRefused):
        outbound.check_address(f"https://{literal}/")
    names["inside.example"] = [[PUBLIC, address]]
    with pytest.raises(AddressRefused):
        await visit("https://inside.example/")
    with pytest.raises(AddressRefused):
        await outbound.check_public("https://inside.example/")


@pytest.mark.parametrize("name", ["localhost", "localhost.", "LOCALHOST", "127.0.0.1.nip.example"])
async def test_names_of_ourselves(names, name):
    """F5: whatever they are called."""
    names["127.0.0.1.nip.example"] = names["localhost."] = [["127.0.0.1"]]
    with pytest.raises(AddressRefused):
        await visit(f"https://{name}/")


async def test_a_name_is_resolved_once_and_the_connection_goes_there(names, monkeypatch):
    """F5: a resolver that answers with a public address first and ours afterwards (rebinding) gains nothing."""
    names["rebinding.example"] = [[PUBLIC], ["127.0.0.1"]]
    connected: list[str] = []

    async def connect(remote_host: str, **_: object) -> None:
        connected.append(remote_host)
        raise OSError

    monkeypatch.setattr("anyio.connect_tcp", connect)
    with pytest.raises(AddressFailed):
        await visit("https://rebinding.example/")
    assert names["asked"] == [["rebinding.example"]]
    assert connected == [PUBLIC]


async def test_every_refusal_reads_the_same(names):
    """F5: an answer that told the reasons apart would map our network."""
    names["inside.example"] = [["10.0.0.7"]]
    said = set()
    for url in ("https://10.0.0.7/", "https://inside.example/", "http://example.com/", "https://example.com:22/"):
        with pytest.raises(AddressRefused) as refused:
            await visit(url)
        said.add(str(refused.value))
    assert len(said) == 1


async def test_trusted_hosts_may_be_inside_and_speak_http(settings):
    """F5: an operator's own network, by host or host:port."""
    with Receiver(200) as receiver:
        for entry in ("localhost", f"localhost:{receiver.port}"):
            settings.OUTBOUND_TRUSTED_HOSTS = [entry]
            assert await visit(receiver.url) == 200
        settings.OUTBOUND_TRUSTED_HOSTS = ["localhost:1"]
        with pytest.raises(AddressRefused):
            await visit(receiver.url)


async def test_redirects_only_as_far_as_asked(settings):
    """F5: none unless asked for, and then each is a request of its own."""
    settings.OUTBOUND_TRUSTED_HOSTS = ["localhost"]
    with Receiver(200) as goal, Receiver(Answers(302, {"location": goal.url})) as start:
        assert await visit(start.url) == 302
        assert await visit(start.url, redirects=1) == 200
        assert len(goal.messages) == 1
    with Receiver(Answers(302, {"location": "/again"})) as circle:
        assert await visit(circle.url, redirects=3) == 302
        assert len(circle.messages) == 4


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:{port}/", "https://169.254.169.254/", "file:///etc/passwd", "https://10.1.1.1/"]
)
async def test_redirects_into_our_network_are_refused(settings, location):
    """F5: what is behind a redirect is checked like the address itself."""
    settings.OUTBOUND_TRUSTED_HOSTS = ["localhost"]
    with Receiver(200) as inside, Receiver(Answers(302, {"location": location.format(port=inside.port)})) as start:
        with pytest.raises(AddressRefused):
            await visit(start.url, redirects=3)
        assert not inside.messages


class TestCertificates:
    """F5: the connection goes to a number, the certificate is for the name."""

    @pytest.fixture
    def authority(self, tmp_path, monkeypatch):
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        outbound._trust.cache_clear()
        yield authority
        outbound._trust.cache_clear()

    def certified(self, authority: trustme.CA, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        return context

    async def test_the_right_name(self, authority, settings):
        """F5: and the receiver sees the name it is called by."""
        settings.OUTBOUND_TRUSTED_HOSTS = ["localhost"]
        with Receiver(200, tls=self.certified(authority, "localhost")) as receiver:
            assert await visit(receiver.url) == 200
            assert receiver.messages[0].headers["host"] == f"localhost:{receiver.port}"

    async def test_another_name(self, authority, settings):
        """F5: a certificate for the number, or for somebody else, is not enough."""
        settings.OUTBOUND_TRUSTED_HOSTS = ["localhost"]
        for name in ("127.0.0.1", "other.example"):
            with Receiver(200, tls=self.certified(authority, name)) as receiver:
                with pytest.raises(AddressFailed):
                    await visit(receiver.url)
                assert not receiver.messages

    async def test_an_authority_nobody_knows(self, settings):
        """F5: even for trusted hosts."""
        settings.OUTBOUND_TRUSTED_HOSTS = ["localhost"]
        with Receiver(200, tls=self.certified(trustme.CA(), "localhost")) as receiver, pytest.raises(AddressFailed):
            await visit(receiver.url)

    async def test_never_from_https_back_to_http(self, authority, settings):
        """F5: not even to a trusted host."""
        settings.OUTBOUND_TRUSTED_HOSTS = ["localhost"]
        tls = self.certified(authority, "localhost")
        with Receiver(200) as plain, Receiver(Answers(302, {"location": plain.url}), tls=tls) as start:
            with pytest.raises(AddressRefused):
                await visit(start.url, redirects=1)
            assert not plain.messages


async def test_silence_ends(settings):
    """F5: the time that the caller gives is for all of it."""
    settings.OUTBOUND_TRUSTED_HOSTS = ["localhost"]
    with Receiver(Answers(200, after=10)) as receiver, pytest.raises(AddressFailed):
        async with outbound.request("GET", receiver.url, seconds=0.5):
            pass


async def test_proxies_of_the_environment_are_not_used(settings, monkeypatch):
    """F5: a proxy would resolve the name again."""
    settings.OUTBOUND_TRUSTED_HOSTS = ["localhost"]
    with Receiver(200) as receiver, Receiver(502) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert await visit(receiver.url) == 200
        assert not proxy.messages


async def test_nobody_there(settings):
    """F5: names without addresses, ports without listeners."""
    settings.OUTBOUND_TRUSTED_HOSTS = ["localhost:1"]
    for url in ("https://nothing.invalid/", "http://localhost:1/"):
        with pytest.raises(AddressFailed):
            await visit(url)
    await outbound.check_public("https://nothing.invalid/")  # may be noted before it exists
