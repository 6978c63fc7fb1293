# Associative arrays, splitting, regular expressions and sorting.
BEGIN {
    for (i = 1; i <= 60000; i++) {
        state = (state * 1103515 + 12345) % 2147483647
        key = "k" state % 5000
        count[key]++
        text[key] = text[key] "," i
    }
    for (key in count) {
        parts = split(text[key], piece, ",")
        if (parts - 1 != count[key]) print "lost", key
        total += length(text[key])
    }
    print length(count), total
    PROCINFO["sorted_in"] = "@val_num_desc"
    for (key in count) { print key, count[key]; if (++shown == 10) break }
    for (i = 0; i < 20000; i++) { line = line (i % 10) "x"; if (i % 100 == 0) gsub(/[1-3]x/, "<&>", line) }
    print length(line), match(line, /<3x>9/)
    delete count
    delete text
    "echo from a shell" | getline answer
    print answer
}
