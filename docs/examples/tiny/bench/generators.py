def numbers(limit):
    n = 0
    while n < limit:
        yield n
        n += 1


def squares(of):
    for n in of:
        yield n * n


print(sum(n for n in squares(numbers(200000)) if n % 3 == 1))
