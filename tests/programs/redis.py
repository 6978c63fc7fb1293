#!/usr/bin/python3
"""redis-server without preload and under each library: the same data in, the same data out.

The server is filled, loaded by redis-benchmark, partly emptied and saved by a forked child, loaded again from its file,
and ended by a signal; DEBUG DIGEST says what it holds after each stage.
"""
import argparse
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time

KEYS = 100_000
START_TIMEOUT_S = 20


def commands(seed):
    """Fills strings, hashes, lists and sorted sets; then deletes four of five strings in random order."""
    rng = random.Random(seed)
    for i in range(KEYS):
        yield f"SET string:{i} {'v' * rng.randrange(1, 300)}"
        if i % 10 == 0:
            yield f"HSET hash:{i % 997} field:{i} {'h' * rng.randrange(1, 100)}"
            yield f"RPUSH list:{i % 499} {'l' * rng.randrange(1, 50)} {i}"
            yield f"ZADD zset:{i % 99} {rng.randrange(10**6)} member:{i}"
    doomed = rng.sample(range(KEYS), KEYS * 4 // 5)
    yield from (f"DEL string:{i}" for i in doomed)


@contextlib.contextmanager
def server(folder, library):
    environment = dict(os.environ, KRAIT_STATS=os.path.join(folder, "statistics.json"))
    if library:
        environment["LD_PRELOAD"] = library
    process = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", "socket", "--dir", folder, "--save", "", "--logfile", "log",
         "--enable-debug-command", "local"], cwd=folder, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def client(folder, *arguments, **options):
    result = subprocess.run(["redis-cli", "-s", os.path.join(folder, "socket"), *arguments],
                            capture_output=True, text=True, check=False, **options)
    return result.stdout.strip()


def serve(library):
    """What the server answers at each stage."""
    with tempfile.TemporaryDirectory() as folder, server(folder, library) as process:
        deadline = time.monotonic() + START_TIMEOUT_S
        while client(folder, "PING") != "PONG":
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"redis-server does not start with LD_PRELOAD={library or str()}")
            time.sleep(0.05)
        answers = [client(folder, "--pipe", input="\n".join(commands(1)) + "\n").splitlines()[-1]]
        answers.append(client(folder, "DEBUG", "DIGEST"))
        subprocess.run(["redis-benchmark", "-s", os.path.join(folder, "socket"), "-q", "-n", "5000", "-r", "1000",
                        "-P", "8", "-t", "set,get,incr,lpush,lpop,sadd,hset,spop,zadd,mset"],
                       check=True, stdout=subprocess.DEVNULL)
        client(folder, "EVAL", "for _, k in ipairs(redis.call('KEYS', '*')) do "
               "if not k:find('string:') and not k:find('hash:') then redis.call('DEL', k) end end", "0")
        answers += [client(folder, "DEBUG", "DIGEST"), client(folder, "BGSAVE")]
        while "rdb_bgsave_in_progress:1" in client(folder, "INFO", "persistence"):
            time.sleep(0.02)
        answers += [client(folder, "DEBUG", "RELOAD"), client(folder, "DEBUG", "DIGEST"), client(folder, "FLUSHALL")]
        process.terminate()
        answers.append(f"exit status {process.wait()}")
        if library and not os.path.exists(os.path.join(folder, "statistics.json")):
            sys.exit(f"{library} did not serve the server")
    return answers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", action="append", required=True)
    options = parser.parse_args()
    bare = serve(None)
    for library in options.library:
        answers = serve(library)
        if answers != bare:
            return f"{library}: {answers}\nwithout preload: {bare}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
