#ifndef INDELIBLE_SUPPORT_H
#define INDELIBLE_SUPPORT_H
#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

/// A bump allocator behind ProtobufCAllocator: one block, no free, NULL when it is used up.
typedef struct {
    ProtobufCAllocator allocator;
    uint8_t *base;
    size_t capacity;
    size_t used;
} indelible_arena;

/// Takes one block of `capacity` bytes; returns 0, or -1 when there is no memory.
int indelible_arena_open(indelible_arena *arena, size_t capacity);
void indelible_arena_close(indelible_arena *arena);

/// What a message may not exceed before it is decoded.
typedef struct {
    uint32_t depth_max;     ///< Nested messages.
    uint32_t fields_max;    ///< Fields, counted over all nested messages.
} indelible_proto_limits;

/// Checks wire bytes against a descriptor before protobuf-c sees them: well-formed tags and lengths, nesting, number of
/// fields, and `string` fields that are valid UTF-8 without NUL (protobuf-c would cut a string at its first NUL).
/// Returns NULL when all is well, else a constant sentence.
const char *indelible_proto_check(
    const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes, size_t count, indelible_proto_limits limits);

/// Has the processor fetch the cache line at `address`, which need not be valid, because it will be read soon.
static inline void indelible_prefetch(const void *address) { __builtin_prefetch(address); }
#endif
