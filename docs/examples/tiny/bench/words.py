def count(text):
    counts = {}
    for word in text.lower().split():
        word = word.strip(".,;")
        counts[word] = counts.get(word, 0) + 1
    return counts


text = "The cat sat on the mat; the dog, too. " * 30000
counts = count(text)
for word, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
    print(f"{word:<6}{number:>6}")
