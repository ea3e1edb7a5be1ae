"""One whole run over one source: read, judge, cut, deliver, collect."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from contact_import import labels as labelling
from contact_import.batches import Batch, cut
from contact_import.bucket import Bucket
from contact_import.contacts import Contact, Rules, judge
from contact_import.deliveries import Delivery
from contact_import.errors import FileError
from contact_import.events import Upload
from contact_import.keys import import_id, is_dry_run, results_prefix
from contact_import.labels import Labels
from contact_import.ledger import Ledger, Part
from contact_import.outcomes import Outcome, Status
from contact_import.settings import Settings
from contact_import.tables import Table

type Deliver = Callable[[Batch], Delivery]
