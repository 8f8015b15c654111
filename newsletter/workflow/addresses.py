"""Checking addresses: no publication, no database, no network."""

from newsletter.subscribers.checking import Verdict as Verdict
from newsletter.subscribers.checking import check_address as check_address
