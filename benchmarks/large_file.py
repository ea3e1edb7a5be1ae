"""`python -m benchmarks.large_file [ROWS…]`: measure how fast PlanFunction is, and whether its memory stays flat.

docs/scale.md calculates with these figures.
"""

import argparse
import os
import tempfile
from pathlib import Path

import boto3

from benchmarks import contact_files
from benchmarks.import_setup import BUCKET
from benchmarks.measurements import run_measurement
from benchmarks.servers import start_aws_server
from local.aws.moto_server import REGION

_UNUSED_ENDPOINT = "http://127.0.0.1:9"  # planning makes no call


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_file", description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=[200_000, 1_000_000])
    print("| rows | rows a second of one processor | by the clock | over csv.reader | most memory |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, start_aws_server() as aws:
        os.environ.update(aws)
        boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        for rows in parser.parse_args().rows:
            file = contact_files.write_file(Path(folder) / f"{rows}.csv", rows)
            plan = run_measurement("measure_planning", file, _UNUSED_ENDPOINT, environment=aws)
            rates = f"{rows / plan['cpu']:,.0f} | {rows / plan['seconds']:,.0f}"
            ratio = f"{plan['cpu'] / plan['bare']:.1f} times"
            print(f"| {rows:,} | {rates} | {ratio} | {plan['peak']:.0f} MB |", flush=True)
            file.unlink()


if __name__ == "__main__":
    main()
