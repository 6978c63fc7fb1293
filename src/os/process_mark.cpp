#include "os/process_mark.hpp"

#include "os/errno_kept.hpp"
#include "os/memory.hpp"

#include <new>
#include <sys/mman.h>

namespace krait::os {

void process_mark::make() noexcept {
    if (word_ == nullptr) {
        if (has_filter()) return;
        const errno_kept keep;
        void* const page = map_anywhere(page_size());
        if (page == nullptr) return;
        if (madvise(page, page_size(), MADV_WIPEONFORK) != 0) {
            unmap(page, page_size());
            return;
        }
        word_ = ::new (page) std::atomic<int>;
    }
    word_->store(1, std::memory_order_relaxed);
}

} // namespace krait::os
