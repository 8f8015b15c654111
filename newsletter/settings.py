"""What `newsletter.toml` may say, as one typed value: a table of the file is a struct here. Read by `settings_file.py`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who the mail is from."""

    email: str
    name: str = ""
    reply_to: str = ""


class EmailSettings(msgspec.Struct, frozen=True, kw_only=True):
    budget: Annotated[int, msgspec.Meta(ge=10_000)] = 96_000
    """UTF-8 bytes of the HTML part, with the longest personal values."""
    images: Literal["linked", "embedded"] = "linked"


class PrintSettings(msgspec.Struct, frozen=True, kw_only=True):
    columns: Literal[1, 2] = 1
    paper: Literal["a4", "us-letter"] = "a4"
    cover_picture: bool = True
    standard: Literal["accessible", "pdf-a-1b"] = "accessible"


class SmtpSettings(msgspec.Struct, frozen=True, kw_only=True):
    host: str = "localhost"
    port: Port = 25
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password_env: str = ""
    password_file: str = ""
    timeout: Seconds = 60.0
    final_timeout: Seconds = 600.0
    """Patience with the answer to a message's content; who gives up early cannot know whether it was taken."""
    ca_file: str = ""
    """Certificates to trust beside the system's own, in PEM: a relay with a certificate of its own making."""
    connections: Annotated[int, msgspec.Meta(ge=1, le=100)] = 4
    pipelining: bool = True
    """Commands in groups (RFC 2920), where the server says that it takes them."""
    idempotency_header: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9-]{0,60}$")] = ""
    """The header by which the relay knows a message that it was given before."""


class DeliverySettings(msgspec.Struct, frozen=True, kw_only=True):
    window: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50
    """Deliveries that may be in flight for each connection: so many are unknown at most after a kill."""
    rate: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """Messages a second in all; 0 without a limit."""
    domains: dict[str, float] = msgspec.field(default_factory=dict)
    """Messages a second to single domains: `"qq.com" = 5`."""
    domain_connections: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Messages to one domain that may be in flight at once; 0 without a limit."""
    attempts: Annotated[int, msgspec.Meta(ge=1, le=50)] = 3
    backoff: tuple[Seconds, ...] = (2.0, 5.0)
    """Waits before the second, third … attempt of what was deferred, in one run."""
    deadline: Annotated[float, msgspec.Meta(gt=0)] = 48.0
    """Hours after a campaign's start in which deferred messages are tried; then they have failed."""
    stop_failures: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    """The share of the last 200 messages that may be refused before the campaign pauses."""
    stop_complaints: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.003
    """The share of accepted messages that may be complained of before the campaign pauses; 0 for any."""
    on_unknown: Literal["hold", "resend"] = "hold"
    """What becomes of unknown deliveries: a person settles them, or the very same mail goes out again."""
    tolerance: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.02
    """By how much the audience of a schedule may differ from the count that was typed, as a share of it."""
    late: Seconds = 900.0
    """Seconds after its time in which a schedule is still sent without asking."""
    retry_after: Seconds = 900.0
    """Seconds until a server tries deferred messages again, after a run has ended with some."""


class BounceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail comes back to, and where it is fetched from."""

    address: str = ""
    """The return address: `bounces+{}@news.example.com`; `{}` becomes a signed mark of each delivery."""
    protocol: Literal["imap", "pop3"] = "imap"
    host: str = ""
    """The mailbox's server; without one nothing is fetched."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """0 for the usual one."""
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str = ""
    password_env: str = ""
    password_file: str = ""
    ca_file: str = ""
    folder: str = "INBOX"
    done_folder: str = ""
    """Where mails are moved once they are done with (IMAP); without one they are marked as seen."""
    timeout: Seconds = 60.0
    every: Seconds = 300.0
    """Seconds between two looks of a server (`studio`, `serve`) into the mailbox."""
    soft_limit: Annotated[int, msgspec.Meta(ge=0)] = 4
    """So many soft bounces with no delivery between suppress an address; 0 for never."""
    soft_days: Annotated[float, msgspec.Meta(ge=0)] = 14.0
    """Days that they must span."""
    stop_blocked: Annotated[int, msgspec.Meta(ge=0)] = 1
    """A campaign pauses at so many bounces that are the sender's fault (5.7.x), at twice as many …; 0 for never."""


class DkimSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A signature of our own; without `domain` the relay signs."""

    domain: str = ""
    selector: str = ""
    key_file: str = ""
    key_env: str = ""
    """The private key in PEM: RSA of 2048 bits, since every provider verifies that."""
    ed25519_selector: str = ""
    ed25519_key_file: str = ""
    ed25519_key_env: str = ""
    """A second signature (RFC 8463), for those who verify it."""


class MaildirSettings(msgspec.Struct, frozen=True, kw_only=True):
    path: str = "build/outbox"


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    url: str = "sqlite:///subscribers/newsletter.db"
    """An SQLAlchemy address; a relative SQLite path is relative to the publication."""
    password_env: str = ""
    password_file: str = ""


class SecretSettings(msgspec.Struct, frozen=True, kw_only=True):
    key_file: str = "subscribers/secret.key"
    """Signs unsubscribe links. Made by `newsletter init`; keep a copy, old mails need it."""
    key_env: str = ""
    old_key_file: str = ""
    """The keys before this one, one a line, while links that they signed should work."""
    old_key_env: str = ""


class SecuritySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What /.well-known/security.txt says (RFC 9116)."""

    contact: str = ""
    """Where to report a weakness: an address or https; the sender's where it is empty."""
    policy: str = ""
    """The page that says how reports are dealt with."""


class AddressSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which addresses are taken for one person's, beyond their letters' case."""

    plus_tags: Literal["keep", "ignore"] = "keep"
    """Whether ann+news@example.com is somebody else than ann@example.com."""
    dots: tuple[str, ...] = ()
    """Domains in whose addresses dots before the @ do not count."""


class SignupSettings(msgspec.Struct, frozen=True, kw_only=True):
    open: bool = True
    """Whether visitors may sign up on the web."""
    keep_ip: bool = True
    """Keep the IP address that a person confirmed from, with their consent."""


class TrackingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of what readers do with a mail. Whether it was opened is never asked."""

    clicks: Literal["off", "aggregate", "subscriber"] = "off"
    """How often each link of a mail was followed, or by whom too."""
    days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0
    """Days for which it is kept who followed a link; 0 for as long as the person is kept."""
    untracked: tuple[str, ...] = ()
    """Domains to which links lead straight, uncounted."""


class ApiSettings(msgspec.Struct, frozen=True, kw_only=True):
    enabled: bool = True
    """Whether `newsletter serve` answers programs under /api/v1; without a key it lets nobody in."""
    rate: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 600
    """Requests a minute that are heard from one key."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What `newsletter.toml` may say."""

    name: str
    sender: Sender
    address: str = ""
    """The postal address in the foot of every mail (CAN-SPAM and its kin ask for one)."""
    publisher: str = ""
    base_url: str = "http://127.0.0.1:8000"
    language: str = "en"
    theme: str = "starter"
    default_list: str = ""
    transport: Literal["smtp", "maildir"] = "smtp"
    timezone: str = "UTC"
    """The zone of times that people name, as the time zone database calls it."""
    approval: Literal["optional", "required"] = "optional"
    """Whether somebody else must have approved what somebody sends."""
    description: str = ""
    email: EmailSettings = msgspec.field(default_factory=EmailSettings)
    print: PrintSettings = msgspec.field(default_factory=PrintSettings)
    smtp: SmtpSettings = msgspec.field(default_factory=SmtpSettings)
    delivery: DeliverySettings = msgspec.field(default_factory=DeliverySettings)
    bounces: BounceSettings = msgspec.field(default_factory=BounceSettings)
    dkim: DkimSettings = msgspec.field(default_factory=DkimSettings)
    maildir: MaildirSettings = msgspec.field(default_factory=MaildirSettings)
    store: StoreSettings = msgspec.field(default_factory=StoreSettings)
    signup: SignupSettings = msgspec.field(default_factory=SignupSettings)
    addresses: AddressSettings = msgspec.field(default_factory=AddressSettings)
    tracking: TrackingSettings = msgspec.field(default_factory=TrackingSettings)
    api: ApiSettings = msgspec.field(default_factory=ApiSettings)
    security: SecuritySettings = msgspec.field(default_factory=SecuritySettings)
    secrets: SecretSettings = msgspec.field(default_factory=SecretSettings)
    tokens: dict[str, str | int | float] = msgspec.field(default_factory=dict)
    """Design tokens that differ from the theme's: `accent = "#8a1c1c"`."""
    words: dict[str, str] = msgspec.field(default_factory=dict)
    """Words of the editions that differ from the language's own: `contents = "In this issue"`."""
