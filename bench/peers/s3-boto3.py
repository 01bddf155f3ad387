"""s3-boto3.py <endpoint> <bucket> <prefix> <folder>: puts every file of a folder, eight at once, and gets each again.

Prints the seconds and processor seconds of both as JSON.
"""
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3

endpoint, bucket, prefix, folder = sys.argv[1:]
client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
names = sorted(os.listdir(folder))


def put(name):
    client.upload_file(os.path.join(folder, name), bucket, f"{prefix}/{name}")


def get(name):
    for _ in client.get_object(Bucket=bucket, Key=f"{prefix}/{name}")["Body"].iter_chunks(1 << 16):
        pass


def measure(work):
    begun, used = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, names))
    return {"seconds": time.perf_counter() - begun, "used": time.process_time() - used}


print(json.dumps({"put": measure(put), "get": measure(get)}))
