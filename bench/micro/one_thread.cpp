// Pairs, batches, churn, growth and collapse, in one thread.
#include "loops.hpp"
#include "rows.hpp"

#include <memory>
#include <new>

namespace krait::bench {
namespace {

constexpr std::int64_t million = 1'000'000;

void add_pairs(const std::string& what, size_table sizes) {
    constexpr std::size_t a_round = 10'000;
    add_row("pairs/" + what, a_round, 30 * million, [=] { return pair_loop(sizes, a_round); });
}

void add_batches(const std::string& what, size_table sizes, std::size_t count, order freed, std::int64_t pairs) {
    // Small batches are repeated within a round, so that the timer is read once in some thousand pairs.
    const std::size_t repeats = std::max<std::size_t>(1, 10'000 / count);
    add_row("batch/" + what, static_cast<std::int64_t>(count * repeats), pairs,
            [=] { return batch_loop(sizes, count, freed, repeats); });
}

void add_churn(const std::string& what, size_table sizes, std::size_t live, std::int64_t pairs) {
    constexpr std::size_t a_round = 100'000;
    add_row("churn/" + what, a_round, pairs, [=] { return churn_loop(sizes, live, a_round); });
}

// A list built node by node and freed by walking it: each free waits for a load from the block before.
struct list_node {
    list_node* next;
    std::uint64_t value[5];
};

void list_round(std::size_t nodes) {
    list_node* head = nullptr;
    for (std::size_t i = 0; i < nodes; ++i) {
        auto* node = static_cast<list_node*>(std::malloc(sizeof(list_node)));
        node->next = head;
        node->value[0] = i;
        head = node;
    }
    while (head != nullptr) {
        list_node* next = head->next;
        std::free(head);
        head = next;
    }
}

// A binary tree of new and (sized) delete.
struct tree_node {
    std::unique_ptr<tree_node> left, right;
};

std::unique_ptr<tree_node> tree(int depth) {
    auto node = std::make_unique<tree_node>();
    if (depth > 0) {
        node->left = tree(depth - 1);
        node->right = tree(depth - 1);
    }
    return node;
}

void new_delete_round(std::size_t pairs) {
    struct object {
        std::uint64_t value[6];
    };
    for (std::size_t i = 0; i < pairs; ++i) {
        auto* made = new object;
        made->value[0] = i;
        benchmark::DoNotOptimize(made);
        delete made;
    }
}

void aligned_round(std::size_t pairs) {
    for (std::size_t i = 0; i < pairs; ++i) drop(touched(std::aligned_alloc(64, 256), 256));
}

void add_growth() {
    const auto small = size_table::uniform(16, 128);
    constexpr std::size_t grown = 2 * million;
    add_row(
        "growth/first_2M", grown, grown, [=] { return batch_loop(small, grown, order::fifo); }, start::cold);
    add_row("growth/again_500k", million / 2, 4 * million,
            [=] { return batch_loop(small, million / 2, order::random); });
    add_row("growth/list_200k", million / 5, 8 * million, [] { return [] { list_round(million / 5); }; });
    constexpr int depth = 17;
    add_row("growth/tree_256k", (1 << (depth + 1)) - 1, 6 * million,
            [] { return [] { benchmark::DoNotOptimize(tree(depth)); }; });
}

} // namespace

void add_one_thread_rows() {
    const auto mixed = size_table::uniform(8, 512);
    const auto around_512 = size_table::uniform(256, 1024);
    const auto page_like = size_table::log_uniform(513, 4096);
    const auto large = size_table::log_uniform(513, 32 * 1024);

    add_pairs("16", size_table::one(16));
    add_pairs("64", size_table::one(64));
    add_pairs("512", size_table::one(512));
    add_pairs("8-512", mixed);
    add_pairs("256-1024", around_512);
    add_row("pairs/new_48", 10'000, 30 * million, [] { return [] { new_delete_round(10'000); }; });
    add_row("pairs/aligned_64", 10'000, 10 * million, [] { return [] { aligned_round(10'000); }; });

    add_batches("32x64_lifo", size_table::one(64), 32, order::lifo, 30 * million);
    add_batches("1kx32_lifo", size_table::one(32), 1'000, order::lifo, 25 * million);
    add_batches("1kx32_fifo", size_table::one(32), 1'000, order::fifo, 25 * million);
    add_batches("1kx8-512_random", mixed, 1'000, order::random, 15 * million);
    add_batches("1kx256-1024_random", around_512, 1'000, order::random, 8 * million);
    add_batches("1kx513-4k_random", page_like, 1'000, order::random, 8 * million);
    add_batches("20kx513-4k_random", page_like, 20'000, order::random, 4 * million);
    add_batches("10kx128_random", size_table::one(128), 10'000, order::random, 15 * million);
    add_batches("100kx48_lifo", size_table::one(48), 100'000, order::lifo, 15 * million);
    add_batches("100kx48_fifo", size_table::one(48), 100'000, order::fifo, 15 * million);
    add_batches("100kx8-512_random", mixed, 100'000, order::random, 5 * million);

    add_churn("1kx8-512", mixed, 1'000, 15 * million);
    add_churn("10kx256-1024", around_512, 10'000, 5 * million);
    add_churn("1kx513-32k", large, 1'000, 5 * million);
    add_churn("30kx8-512", mixed, 30'000, 8 * million);
    add_churn("1Mx8-128", size_table::uniform(8, 128), million, 2 * million);

    add_growth();
}

} // namespace krait::bench
