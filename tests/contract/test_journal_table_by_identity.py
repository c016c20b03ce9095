"""The journal in Table Storage as in Azure: over TLS, as a managed identity. Azurite checks the token's audience and its dates."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from emulators.clock import SystemClock
from emulators.identity.emulator import IdentityEmulator
from shared.settings import reading
from tests import azurite
from tests.azurite import Azurite

_ROOT: Final = Path(__file__).parents[2]

# In a process of its own, since what is trusted is read when that starts.
_PROGRAM: Final = """
import asyncio, sys
from shared import bootstrap
from shared.domain.errors import JournalUnavailable
from shared.journal.location import TableStorage
from shared.journal.table import TableJournal
from tests.contract.journal_contract import EVENT, a_conclusion, an_entry

async def main(endpoint: str) -> None:
    where = TableStorage(endpoint, "journal")
    journal = TableJournal(where, credential=bootstrap.managed_identity(""), clock=bootstrap.SystemClock())
    try:
        await journal.append(an_entry())
        assert await journal.conclude(a_conclusion()) == await journal.conclude(a_conclusion("late")) == a_conclusion()
        assert (await journal.read(EVENT)).history.entries == (an_entry(),)
        print("written and read")
    except JournalUnavailable as error:
        print(error)
    await journal.close()

asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for loopback; its key lies beside it."""
    folder = tmp_path_factory.mktemp("tls")
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = SystemClock().now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    secret = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(form))
    return folder / "certificate.pem"


@pytest.fixture(scope="module")
def secure_tables(trusted: Path) -> Iterator[Azurite]:
    key = trusted.with_name("key.pem")
    with azurite.running(options=("--oauth", "basic", "--cert", str(trusted), "--key", str(key))) as service:
        yield service


def use(tables: Azurite, environment: dict[str, str]) -> str:
    endpoint = tables.endpoint.replace("http:", "https:")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PROGRAM, endpoint],
        cwd=_ROOT,
        env={**reading.process_environment(), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_identity_is_let_in_with_a_token_for_storage(secure_tables: Azurite, trusted: Path) -> None:
    with IdentityEmulator() as identity:
        printed = use(secure_tables, {"SSL_CERT_FILE": str(trusted), **identity.environment})

        assert printed == "written and read"
        assert [call.query["resource"] for call in identity.calls] == ["https://storage.azure.com"]


def test_a_service_that_nobody_vouches_for_is_not_talked_to(secure_tables: Azurite) -> None:
    with IdentityEmulator() as identity:
        assert use(secure_tables, identity.environment) == "journal: ServiceRequestError"


def test_a_refused_identity_is_reported_without_its_secret(secure_tables: Azurite, trusted: Path) -> None:
    with IdentityEmulator() as identity:
        wrong = {**identity.environment, "IDENTITY_HEADER": "another"}

        assert (
            use(secure_tables, {"SSL_CERT_FILE": str(trusted), **wrong}) == "journal: ClientAuthenticationError (401)"
        )
