#include "doctor/process_names.hpp"

#include "trace/debug_folders.hpp"
#include "trace/demangle.hpp"

#include <fmt/format.h>

#include <elfutils/libdwfl.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace krait::tools {

namespace {

namespace fs = std::filesystem;

// What libdw follows a stack with.
struct unwound {
    const picture_memory* memory;
    const thread_registers* registers;
    std::vector<stack_frame> frames;
};

bool read_word(Dwfl*, Dwarf_Addr at, Dwarf_Word* result, void* of) {
    return static_cast<const unwound*>(of)->memory->read(at, result, sizeof *result) == sizeof *result;
}

pid_t next_thread(Dwfl*, void*, void**) { return 0; }

bool get_thread(Dwfl*, pid_t, void* of, void** thread) {
    *thread = of;
    return true;
}

bool set_registers(Dwfl_Thread* thread, void* of) {
    const thread_registers& registers = *static_cast<unwound*>(of)->registers;
    dwfl_thread_state_register_pc(thread, registers.instruction);
    static_assert(sizeof(Dwarf_Word) == sizeof registers.general[0]);
    return dwfl_thread_state_registers(thread, 0, static_cast<unsigned>(registers.general.size()),
                                       registers.general.data());
}

#if defined(__x86_64__)
constexpr unsigned stack_register = 7;
#else
constexpr unsigned stack_register = 31;
#endif

int note_frame(Dwfl_Frame* frame, void* of) {
    constexpr std::size_t most_frames = 512;
    auto& into = *static_cast<unwound*>(of);
    Dwarf_Addr pc = 0;
    bool is_activation = false;
    if (!dwfl_frame_pc(frame, &pc, &is_activation)) return DWARF_CB_ABORT;
    Dwarf_Word low = 0;
    if (dwfl_frame_reg(frame, stack_register, &low) != 0) return DWARF_CB_ABORT;
    into.frames.push_back({low, is_activation ? pc : pc - 1});
    return into.frames.size() < most_frames ? DWARF_CB_OK : DWARF_CB_ABORT;
}

int collect_module(Dwfl_Module* module, void**, const char*, Dwarf_Addr, void* into) {
    static_cast<std::vector<Dwfl_Module*>*>(into)->push_back(module);
    return DWARF_CB_OK;
}

template <class Sorted>
const data_symbol* symbol_in(const Sorted& symbols, std::uint64_t at) {
    const auto above =
        std::upper_bound(symbols.begin(), symbols.end(), at,
                         [](std::uint64_t value, const data_symbol& each) { return value < each.start; });
    if (above == symbols.begin()) return nullptr;
    return at < (above - 1)->end ? &*(above - 1) : nullptr;
}

} // namespace

class process_names::session {
  public:
    explicit session(const picture_memory& memory) : debug_path_(debug_folders()), stack_{&memory, nullptr, {}} {
        callbacks_.find_elf = &dwfl_linux_proc_find_elf;
        callbacks_.find_debuginfo = &dwfl_standard_find_debuginfo;
        debug_path_text_ = debug_path_.data();
        callbacks_.debuginfo_path = &debug_path_text_;
        dwfl_ = dwfl_begin(&callbacks_);
        if (dwfl_ == nullptr || dwfl_linux_proc_report(dwfl_, memory.process()) != 0) return;
        dwfl_report_end(dwfl_, nullptr, nullptr);
        follows_stacks_ = dwfl_attach_state(dwfl_, nullptr, memory.process(), &how_, &stack_);
    }
    ~session() {
        if (dwfl_ != nullptr) dwfl_end(dwfl_);
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    std::vector<Dwfl_Module*> modules() const {
        std::vector<Dwfl_Module*> found;
        if (dwfl_ != nullptr) dwfl_getmodules(dwfl_, &collect_module, &found, 0);
        return found;
    }

    std::vector<stack_frame> frames_of(const thread_registers& registers) {
        stack_.registers = &registers;
        stack_.frames.clear();
        if (follows_stacks_) dwfl_getthread_frames(dwfl_, stack_.memory->process(), &note_frame, &stack_);
        return std::move(stack_.frames);
    }

  private:
    static constexpr Dwfl_Thread_Callbacks how_{&next_thread,   &get_thread, &read_word,
                                                &set_registers, nullptr,     nullptr};

    std::string debug_path_;
    char* debug_path_text_ = nullptr;
    Dwfl_Callbacks callbacks_{};
    unwound stack_;
    Dwfl* dwfl_ = nullptr;
    bool follows_stacks_ = false;
};

process_names::process_names(const picture_memory& memory, const address_map& map)
    : memory_(memory), map_(map), session_(std::make_unique<session>(memory)) {
    std::error_code none;
    const std::string program = fs::read_symlink(fmt::format("/proc/{}/exe", memory.process()), none);
    for (Dwfl_Module* const each : session_->modules()) {
        module_symbols made;
        made.module = each;
        Dwarf_Addr start = 0, end = 0;
        const char* const name = dwfl_module_info(each, nullptr, &start, &end, nullptr, nullptr, nullptr, nullptr);
        made.start = start;
        made.end = end;
        made.path = name != nullptr ? name : "";
        modules_.push_back(std::move(made));
    }
    std::sort(modules_.begin(), modules_.end(),
              [](const module_symbols& a, const module_symbols& b) { return a.start < b.start; });
    for (std::size_t i = 0; i < modules_.size(); ++i)
        if (modules_[i].path == program) program_ = i;
}

process_names::~process_names() = default;

process_names::module_symbols* process_names::module_at(foreign_address address) noexcept {
    const auto above =
        std::upper_bound(modules_.begin(), modules_.end(), address,
                         [](foreign_address value, const module_symbols& each) { return value < each.start; });
    if (above == modules_.begin() || address >= (above - 1)->end) return nullptr;
    module_symbols& found = *(above - 1);
    if (!found.is_read) read_symbols(found);
    return &found;
}

void process_names::read_symbols(module_symbols& of) const {
    of.is_read = true;
    GElf_Addr bias = 0;
    Elf* const file = dwfl_module_getelf(of.module, &bias);
    if (file == nullptr) return;
    of.bias = bias;
    std::size_t headers = 0;
    elf_getphdrnum(file, &headers);
    for (std::size_t i = 0; i < headers; ++i) {
        GElf_Phdr header;
        if (gelf_getphdr(file, static_cast<int>(i), &header) == nullptr || header.p_type != PT_TLS) continue;
        of.thread_bytes = header.p_memsz;
        of.thread_alignment = std::max<std::uint64_t>(header.p_align, 1);
    }
    of.object = fs::path(of.path).filename();
    const char* const object = of.object.c_str();
    const int count = dwfl_module_getsymtab(of.module);
    for (int i = 1; i < count; ++i) {
        GElf_Sym symbol;
        GElf_Addr address = 0;
        const char* const name = dwfl_module_getsym_info(of.module, i, &symbol, &address, nullptr, nullptr, nullptr);
        if (name == nullptr || *name == '\0' || symbol.st_shndx == SHN_UNDEF) continue;
        const std::uint64_t size = std::max<std::uint64_t>(symbol.st_size, 1);
        if (GELF_ST_TYPE(symbol.st_info) == STT_OBJECT)
            of.data.push_back({address, address + size, name, object});
        else if (GELF_ST_TYPE(symbol.st_info) == STT_TLS)
            of.thread_data.push_back({symbol.st_value, symbol.st_value + size, name, object});
    }
    for (auto* const each : {&of.data, &of.thread_data}) {
        std::stable_sort(each->begin(), each->end(),
                         [](const data_symbol& a, const data_symbol& b) { return a.start < b.start; });
        each->erase(std::unique(each->begin(), each->end(),
                                [](const data_symbol& a, const data_symbol& b) { return a.start == b.start; }),
                    each->end());
    }
}

const data_symbol* process_names::variable_at(foreign_address address) {
    module_symbols* const of = module_at(address);
    const data_symbol* const found = of != nullptr ? symbol_in(of->data, address) : nullptr;
    return found;
}

foreign_address process_names::address_of_variable(std::string_view name) {
    for (module_symbols& each : modules_) {
        if (!each.is_read) read_symbols(each);
        for (const data_symbol& symbol : each.data)
            if (name == symbol.name) return symbol.start;
    }
    return 0;
}

// The program's block is the one next to the thread pointer.
const data_symbol* process_names::thread_variable_at(foreign_address address, foreign_address thread_pointer) {
    if (modules_.empty()) return nullptr;
    module_symbols& of = modules_[program_];
    if (!of.is_read) read_symbols(of);
    const std::uint64_t mask = of.thread_alignment - 1;
#if defined(__x86_64__)
    const foreign_address block = thread_pointer - ((of.thread_bytes + mask) & ~mask);
#else
    constexpr std::uint64_t head = 16;
    const foreign_address block = thread_pointer + ((head + mask) & ~mask);
#endif
    return address - block < of.thread_bytes ? symbol_in(of.thread_data, address - block) : nullptr;
}

std::uint64_t process_names::bytes_of_thread_variables() {
    constexpr std::uint64_t surplus = 2048; // for modules that come later (glibc.rtld.optional_static_tls)
    std::uint64_t sum = surplus;
    for (module_symbols& each : modules_) {
        if (!each.is_read) read_symbols(each);
        sum += (each.thread_bytes + each.thread_alignment - 1) & ~(each.thread_alignment - 1);
    }
    return sum;
}

std::vector<frame> process_names::frames_at(foreign_address pc) {
    module_symbols* const of = module_at(pc);
    if (of == nullptr) return {{fmt::format("{:#x}", pc), "", "", 0, pc, false}};
    if (of->code == nullptr) of->code = std::make_unique<symbols>(of->path, "");
    std::vector<frame> frames;
    for (source_frame& each : of->code->at(pc - of->bias)) {
        if (each.function.empty()) each.function = fmt::format("{}+{:#x}", of->object, pc - of->bias);
        frames.push_back({std::move(each.function), std::move(each.file), of->path, each.line, each.offset, false});
    }
    return frames;
}

const process_names::code_name& process_names::code_at(foreign_address pc) {
    const auto [at, is_new] = codes_.try_emplace(pc);
    if (!is_new) return at->second;
    const frame outermost = frames_at(pc).back();
    at->second.function = outermost.function;
    if (outermost.line != 0)
        at->second.where = fmt::format("{}:{}", fs::path(outermost.file).filename().string(), outermost.line);
    return at->second;
}

bool process_names::is_code(foreign_address address) const noexcept {
    const mapping* const of = map_.at(address);
    return of != nullptr && of->is_executable;
}

bool process_names::is_static(foreign_address address) const noexcept {
    const mapping* const of = map_.at(address);
    return of != nullptr && of->is_file();
}

std::vector<stack_frame> process_names::frames_of(const thread_registers& registers) {
    return registers.is_known ? session_->frames_of(registers) : std::vector<stack_frame>{};
}

const std::string& process_names::type_of_vtable(foreign_address vtable) {
    const auto [at, is_new] = types_.try_emplace(vtable);
    if (is_new) at->second = read_type(vtable);
    return at->second;
}

// Before a vtable's first function lie the type's description and the object's offset in the whole one; the description
// has a vtable itself, and then the type's name.
std::string process_names::read_type(foreign_address vtable) const {
    const auto is_constant = [this](foreign_address address) {
        const mapping* const of = map_.at(address);
        return of != nullptr && of->is_file() && !of->is_executable && address % 8 == 0;
    };
    if (vtable < 16 || !is_constant(vtable)) return {};
    const auto offset = static_cast<std::int64_t>(memory_.word(vtable - 16));
    const foreign_address description = memory_.word(vtable - 8);
    if (offset > 0 || offset < -(1 << 24) || !is_constant(description)) return {};
    if (!is_constant(memory_.word(description))) return {};
    const foreign_address name_at = memory_.word(description + 8);
    const mapping* const of = map_.at(name_at);
    if (of == nullptr || !of->is_file()) return {};
    std::string name = memory_.text(name_at, 1024);
    if (!name.empty() && name.front() == '*') name.erase(0, 1);
    if (name.empty()) return {};
    const std::string mangled = "_ZTI" + name;
    const std::string plain = demangled(mangled.c_str());
    constexpr std::string_view before = "typeinfo for ";
    return plain.starts_with(before) ? plain.substr(before.size()) : "";
}

} // namespace krait::tools
