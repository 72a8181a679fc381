// SPDX-License-Identifier: Apache-2.0
// PageBook against the obvious model: one entry per page.
#include "wali/page_book.h"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

using wali::kGuestPage;
using wali::PageBook;
using wali::PageKind;
using wali::PageRun;
using wali::PageUse;

TEST_CASE("the page at NULL is never free", "[page_book]") {
    const PageBook book(16 * kGuestPage);
    CHECK_FALSE(book.is_free(0, kGuestPage));
    CHECK(book.is_free(kGuestPage, 16 * kGuestPage));
    CHECK(book.find_free(15 * kGuestPage) == kGuestPage);
    CHECK_FALSE(book.find_free(16 * kGuestPage));
}

TEST_CASE("equal neighbours become one run, mappings of files do not", "[page_book]") {
    PageBook book(16 * kGuestPage);
    const PageUse anon{.kind = PageKind::Anon, .prot = 3};
    book.set(2 * kGuestPage, 3 * kGuestPage, anon);
    book.set(4 * kGuestPage, 5 * kGuestPage, anon);
    book.set(3 * kGuestPage, 4 * kGuestPage, anon);
    CHECK(book.at(3 * kGuestPage).start == 2 * kGuestPage);
    CHECK(book.at(3 * kGuestPage).end == 5 * kGuestPage);
    const PageUse file_a{.kind = PageKind::Private, .prot = 3, .mapping = 1};
    const PageUse file_b{.kind = PageKind::Private, .prot = 3, .mapping = 2};
    book.set(8 * kGuestPage, 9 * kGuestPage, file_a);
    book.set(9 * kGuestPage, 10 * kGuestPage, file_b);
    CHECK(book.at(9 * kGuestPage).start == 9 * kGuestPage);
}

TEST_CASE("the smallest hole that fits is found, the lowest of several", "[page_book]") {
    PageBook book(64 * kGuestPage);
    const PageUse anon{.kind = PageKind::Anon, .prot = 3};
    book.set(kGuestPage, 64 * kGuestPage, anon);
    book.set(40 * kGuestPage, 42 * kGuestPage, PageUse{});
    book.set(10 * kGuestPage, 14 * kGuestPage, PageUse{});
    book.set(20 * kGuestPage, 22 * kGuestPage, PageUse{});
    CHECK(book.find_free(kGuestPage) == 20 * kGuestPage);
    CHECK(book.find_free(3 * kGuestPage) == 10 * kGuestPage);
    CHECK_FALSE(book.find_free(5 * kGuestPage));
}

TEST_CASE("random changes agree with one entry per page", "[page_book]") {
    constexpr uint64_t kPages = 48;
    std::mt19937 random(20240611);
    PageBook book(kPages * kGuestPage);
    std::vector<PageUse> model(kPages);
    model[0] = book.at(0).use;
    for (int step = 0; step < 20000; ++step) {
        const uint64_t start = 1 + random() % (kPages - 1);
        const uint64_t end = start + 1 + random() % (kPages - start);
        PageUse use;
        use.kind = static_cast<PageKind>(random() % 4);
        if (!use.is_free()) use.prot = static_cast<uint8_t>(random() % 4);
        if (use.kind >= PageKind::Private) use.mapping = static_cast<uint32_t>(1 + random() % 3);
        book.set(start * kGuestPage, end * kGuestPage, use);
        std::fill(model.begin() + static_cast<long>(start), model.begin() + static_cast<long>(end), use);

        size_t runs = 0;
        uint64_t smallest = ~0ULL;
        const uint64_t wanted = 1 + random() % 8;
        for (uint64_t page = 0; page < kPages;) {
            uint64_t stop = page;
            while (stop < kPages && model[stop] == model[page]) ++stop;
            const PageRun run = book.at(page * kGuestPage);
            REQUIRE(run.start == page * kGuestPage);
            REQUIRE(run.end == stop * kGuestPage);
            REQUIRE(run.use == model[page]);
            if (run.use.is_free() && stop - page >= wanted) smallest = std::min(smallest, stop - page);
            page = stop;
            ++runs;
        }
        REQUIRE(book.run_count() == runs);
        const auto found = book.find_free(wanted * kGuestPage);
        REQUIRE(found.has_value() == (smallest != ~0ULL));
        if (found) REQUIRE(book.at(*found).end - book.at(*found).start == smallest * kGuestPage);
    }
}
