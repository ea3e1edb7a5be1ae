"""The shape of the code: who may import whom, where the world begins, how large a room may grow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "contact_import"

# The way of the data: a module imports only from those before it. docs/decisions.md draws it.
ORDER = (
    "errors domain.labels settings domain.object_keys aws.events domain.http webhooks.api_gateway "
    "webhooks.responses webhooks.queue_message webhooks.senders.signature_schemes aws.s3 aws.step_functions "
    "aws.sqs files.decoding files.archives files.csv_rows files.dialect files.formula_escape domain.outcomes "
    "fields.consent columns.header_names domain.person columns.header_match webhooks.senders.config "
    "webhooks.senders.config_cache webhooks.senders.tokens webhooks.senders.signature webhooks.senders.handshakes "
    "fields.phone fields.text columns.value_types columns.header_row columns.inference columns.address_columns "
    "columns.user_mapping columns.detect fields.person_name fields.birthday contacts.duplicates "
    "contacts.vectorized contacts.row_block contacts.normalize contacts.validate webhooks.extraction.body "
    "webhooks.extraction.form_answers webhooks.extraction.event_type webhooks.extraction.flatten "
    "webhooks.extraction.field_match webhooks.extraction.person_fields webhooks.extraction.event_id "
    "webhooks.extraction.people webhooks.extraction.person_table files.table ledger.import_config checks.opt_outs "
    "sending.payload sending.batches pipelines.prepare webhooks.submission webhooks.submission_contacts "
    "webhooks.intake webhooks.routes cellcast.responses cellcast.rate_limiter cellcast.transport cellcast.client "
    "sending.attempts cellcast.queries cellcast.pagination checks.opt_out_screening checks.opt_out_cache "
    "sending.deliver sending.merged ledger.leases ledger.records checks.account checks.canary checks.arrival "
    "ledger.local_cache ledger.ledger pipelines.workers pipelines.large_file_plan reports.counts "
    "reports.csv_files reports.suggestions reports.masking reports.advice reports.sample_rows reports.html_page "
    "reports.result reports.progress pipelines.webhook_batch pipelines.webhook_queue reports.notifications "
    "aws.notifier reports.metrics aws.secrets pipelines.inline pipelines.large_file pipelines.recovery "
    "handlers.dependencies handlers.runtime handlers.upload handlers.plan handlers.batch handlers.finish "
    "handlers.sweep handlers.notify handlers.http handlers.webhook_queue "
).split()

# Where the world is: every other module is pure.
HOMES = {
    "requests": {"cellcast.transport"},
    "urllib3": {"cellcast.transport"},
    "boto3": {"handlers.dependencies"},
    "jinja2": {"reports.html_page"},
    "botocore": {"aws.s3", "aws.step_functions", "handlers.dependencies"},
    "aws_lambda_powertools": {name for name in ORDER if name.startswith("handlers.")} | {"aws.secrets"},
    "os": {"handlers.dependencies", "handlers.notify", "ledger.local_cache"},
    "socket": set(),
    "logging": set(),
    "subprocess": set(),
    "time": {"aws.s3", "cellcast.transport", "cellcast.rate_limiter", "cellcast.client", "handlers.dependencies"},
    "random": {"cellcast.client"},
    "threading": {"cellcast.rate_limiter", "cellcast.client", "pipelines.workers"},
}
# Functions that are one table or one decision, and would be harder to read in pieces.
LONG = {"sniff"}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.stem != "__init__":
            name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
            yield name, ast.parse(path.read_text("utf-8"))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and _is_package(node.module or ""):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def _is_package(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] == PACKAGE.name and (PACKAGE.parent / name.replace(".", "/")).is_dir()


MODULES = dict(_modules())
LEAST_MODULES = 104


def test_every_module_is_looked_at() -> None:
    """A pattern that finds only some files would let the other tests pass over the rest in silence."""
    assert len(MODULES) >= LEAST_MODULES


def test_every_module_has_its_place_in_the_order() -> None:
    assert set(MODULES) == set(ORDER)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_from_upstream(name: str) -> None:
    ours = {one.partition(".")[2] for one in _imported(MODULES[name]) if one.startswith("contact_import.")}

    assert {one for one in ours if ORDER.index(one) >= ORDER.index(name)} == set()


@pytest.mark.parametrize("name", MODULES)
def test_the_world_is_reached_from_its_homes_alone(name: str) -> None:
    foreign = {one.split(".")[0] for one in _imported(MODULES[name])}

    assert {one for one in foreign if name not in HOMES.get(one, {name})} == set()


@pytest.mark.parametrize("name", MODULES)
def test_no_module_and_no_function_grows_too_large(name: str) -> None:
    lines = (PACKAGE / f"{name.replace('.', '/')}.py").read_text("utf-8").count("\n")
    functions = [node for node in ast.walk(MODULES[name]) if isinstance(node, ast.FunctionDef)]
    long = {one.name for one in functions if (one.end_lineno or 0) - one.body[0].lineno + 1 > 36}

    assert lines <= 250
    assert long - LONG == set()


@pytest.mark.parametrize("name", MODULES)
def test_nothing_happens_when_a_module_is_imported(name: str) -> None:
    """At the top stand definitions, and constants that are computed from constants."""
    loose = [
        node
        for node in MODULES[name].body
        if isinstance(node, ast.Expr | ast.For | ast.While | ast.With | ast.Try)
        and not isinstance(getattr(node, "value", None), ast.Constant)
    ]

    assert loose == []


def test_no_function_waits_at_its_start_for_what_another_one_runs() -> None:
    names = "import sys, contact_import.handlers.http; print(*sys.modules)"

    run = subprocess.run([sys.executable, "-c", names], cwd=PACKAGE.parent, capture_output=True, text=True, check=True)

    loaded = run.stdout.split()
    assert "contact_import.handlers.http" in loaded
    ours = {
        f"contact_import.{name}"
        for name in ("pipelines.inline", "reports.html_page", "files.csv_rows", "cellcast.transport", "aws.secrets")
    }
    assert ({"phonenumbers", "aws_lambda_powertools.utilities.parameters"} | ours).isdisjoint(loaded)


def test_no_drawer_has_come_into_being() -> None:
    assert not {"utils", "helpers", "common", "manager", "models", "misc"} & set(MODULES)


def test_the_picture_in_the_decisions_names_every_module() -> None:
    text = (PACKAGE.parents[1] / "docs" / "decisions.md").read_text("utf-8")

    assert [name for name in MODULES if name.split(".")[-1] not in text.replace("`", " ").split()] == []
