"""A service of four threads parses JSON documents, whose texts have 600 to 8,000 characters, into a store; then nine in ten expire,
then all of them."""
import json
import threading
import time

THREADS, DOCUMENTS = 4, 9_000


def mark(name):
    with open("/proc/self/smaps_rollup") as rollup:
        kib = next(line.split()[1] for line in rollup if line.startswith("Rss:"))
    print("mark", name, kib, flush=True)


def serve(number):
    for i in range(number, DOCUMENTS * THREADS, THREADS):
        size = 600 + i * 7919 % 7400
        store[number][i] = json.loads(json.dumps({"id": i, "name": f"document {i}", "body": "x" * size}))


def expire(number, every):
    # Another thread's, as where requests meet whichever worker is free.
    documents = store[(number + 1) % THREADS]
    for i in [i for i in documents if every == 0 or i // THREADS % every != 0]:
        del documents[i]


def in_threads(function, *arguments):
    threads = [threading.Thread(target=function, args=(number, *arguments)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


store = [{} for _ in range(THREADS)]
mark("started")
in_threads(serve)
mark("full")
in_threads(expire, 10)
mark("90%_expired")
in_threads(expire, 0)
mark("all_expired")
time.sleep(1.5)
mark("idle")
