"""Privacy in the console: requests to be worked on, and what proves that the promises are kept, to be read."""

from privacy.admin.proofs import ErasureRunAdmin
from privacy.admin.purges import PurgeRunAdmin
from privacy.admin.requests import SubjectRequestAdmin

__all__ = ["ErasureRunAdmin", "PurgeRunAdmin", "SubjectRequestAdmin"]
