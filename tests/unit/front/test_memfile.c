/* SPDX-License-Identifier: Apache-2.0 */
/* The front's copy of a message: grows, cannot be changed by whom it is lent to, and does not stay. */
#include "front/memfile.h"
#include <errno.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static void fill(MemFile *file, size_t length) {
    char block[4096];
    for (size_t done = 0; done < length; done += sizeof block) {
        memset(block, 'a' + (int)(done / sizeof block % 26), sizeof block);
        assert_true(memfile_append(file, block, MIN(sizeof block, length - done)));
    }
}

static void check(const MemFile *file, size_t length) {
    assert_int_equal(memfile_length(file), length);
    for (size_t at = 0; at < length; at += 4096)
        assert_int_equal(memfile_data(file)[at], 'a' + (int)(at / 4096 % 26));
}

static void a_file_grows_whatever_was_guessed(void **state) {
    static const struct {
        size_t expect, length;
    } cases[] = {{0, 0}, {0, 10}, {0, 70000}, {0, 600000}, {100000, 3000000}, {5, 9000000}, {SIZE_MAX, 100}};
    MemPool *pool = mempool_new(4 << 20, SIZE_MAX);
    for (int round = 0; round < 2; round++) /* the second one gets files that are sealed */
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
            MemFile *file = memfile_take(pool, cases[i].expect);
            assert_non_null(file);
            fill(file, cases[i].length);
            assert_true(memfile_seal(file) >= 0);
            check(file, cases[i].length);
            memfile_give(file, false);
        }
    mempool_free(pool);
}

/* A judge that knows an id must find the same memory under it. */
static void an_id_stays_with_its_memory(void **state) {
    MemPool *pool = mempool_new(4 << 20, SIZE_MAX);
    MemFile *small = memfile_take(pool, 0), *large = memfile_take(pool, 100000);
    uint64_t id = memfile_id(small);
    const char *memory = memfile_data(small);
    assert_int_not_equal(id, 0);
    assert_int_equal(memfile_id(large), 0);
    assert_true(memfile_seal(small) >= 0);
    memfile_give(large, false);
    fill(small, 100000); /* it now has the memory of the idle one, which has its own */
    assert_int_equal(memfile_id(small), 0);
    MemFile *again = memfile_take(pool, 0), *fresh = memfile_take(pool, 0);
    assert_ptr_equal(memfile_data(again), memory);
    assert_int_equal(memfile_id(again), id);
    assert_int_not_equal(memfile_id(fresh), 0);
    assert_int_not_equal(memfile_id(fresh), id);
    memfile_give(small, false);
    memfile_give(again, true);
    memfile_give(fresh, false);
    mempool_free(pool);
}

static void whoever_is_lent_a_file_can_only_read(void **state) {
    MemPool *pool = mempool_new(1 << 20, SIZE_MAX);
    MemFile *file = memfile_take(pool, 0);
    fill(file, 5000);
    int fd = memfile_seal(file);
    assert_int_equal(write(fd, "x", 1), -1);
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_int_equal(ftruncate(fd, 1 << 20), -1);
    assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
    void *map = mmap(NULL, 5000, PROT_READ, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(map, MAP_FAILED);
    assert_int_equal(mprotect(map, 5000, PROT_READ | PROT_WRITE), -1);
    munmap(map, 5000);
    memfile_rewind(file);
    assert_true(memfile_append(file, "the front may", 13));
    memfile_give(file, false);
    mempool_free(pool);
}

static ino_t inode(MemFile *file) {
    struct stat status;
    assert_int_equal(fstat(memfile_seal(file), &status), 0);
    return status.st_ino;
}

static void a_file_is_used_again_unless_it_is_spoiled_or_large(void **state) {
    static const struct {
        size_t length;
        bool spoiled, again;
    } cases[] = {{100, false, true}, {100, true, false}, {1500000, false, true}, {4500000, false, false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        MemPool *pool = mempool_new(4 << 20, SIZE_MAX);
        MemFile *file = memfile_take(pool, 0);
        fill(file, cases[i].length);
        ino_t first = inode(file);
        memfile_give(file, cases[i].spoiled);
        file = memfile_take(pool, cases[i].length);
        assert_int_equal(memfile_length(file), 0);
        assert_int_equal(inode(file) == first, cases[i].again);
        memfile_give(file, false);
        mempool_free(pool);
    }
}

static void an_idle_larger_file_is_used_for_growing(void **state) {
    MemPool *pool = mempool_new(8 << 20, SIZE_MAX);
    MemFile *large = memfile_take(pool, 1500000);
    ino_t first = inode(large);
    memfile_give(large, false);
    MemFile *small = memfile_take(pool, 0), *other = memfile_take(pool, 0);
    assert_int_equal(inode(small), first); /* better a large one than a fresh one */
    fill(other, 60000);
    memfile_give(small, false);
    fill(other, 0);
    char block[70000];
    memset(block, 'z', sizeof block);
    assert_true(memfile_append(other, block, sizeof block));
    assert_int_equal(inode(other), first);
    assert_int_equal(memfile_length(other), 130000);
    assert_int_equal(memfile_data(other)[0], 'a');
    assert_int_equal(memfile_data(other)[129999], 'z');
    memfile_give(other, false);
    mempool_free(pool);
}

static void idle_memory_goes_back_when_nothing_happens(void **state) {
    MemPool *pool = mempool_new(8 << 20, SIZE_MAX);
    MemFile *file = memfile_take(pool, 0);
    ino_t first = inode(file);
    memfile_give(file, false);
    mempool_trim(pool); /* it was in use since the last time */
    file = memfile_take(pool, 0);
    assert_int_equal(inode(file), first);
    int fd = memfile_seal(file);
    memfile_give(file, false);
    mempool_trim(pool);
    mempool_trim(pool);
    struct stat status;
    assert_int_equal(fstat(fd, &status), -1);
    mempool_free(pool);
}

static void memory_in_use_is_bounded(void **state) {
    MemPool *pool = mempool_new(1 << 20, 200000);
    MemFile *one = memfile_take(pool, 0), *two = memfile_take(pool, 0), *three = memfile_take(pool, 0);
    assert_non_null(three);
    errno = 0;
    assert_null(memfile_take(pool, 0));
    assert_int_equal(errno, ENOMEM);
    char block[65536] = {0};
    assert_true(memfile_append(one, block, sizeof block));
    assert_false(memfile_append(one, block, 1));
    assert_int_equal(memfile_length(one), sizeof block);
    memfile_give(two, false);
    memfile_give(three, true);
    two = memfile_take(pool, 0);
    assert_non_null(two);
    memfile_give(one, false);
    memfile_give(two, false);
    mempool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_grows_whatever_was_guessed),
        cmocka_unit_test(an_id_stays_with_its_memory),
        cmocka_unit_test(whoever_is_lent_a_file_can_only_read),
        cmocka_unit_test(a_file_is_used_again_unless_it_is_spoiled_or_large),
        cmocka_unit_test(an_idle_larger_file_is_used_for_growing),
        cmocka_unit_test(idle_memory_goes_back_when_nothing_happens),
        cmocka_unit_test(memory_in_use_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
