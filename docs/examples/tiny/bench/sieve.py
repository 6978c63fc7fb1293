def primes(limit):
    sieve = [True] * limit
    for n in range(2, limit):
        if sieve[n]:
            for multiple in range(n * n, limit, n):
                sieve[multiple] = False
    return [n for n in range(2, limit) if sieve[n]]


print(sum(primes(300000)))
