#include "support.h"
#include <stdlib.h>

static void *arena_take(void *data, size_t size) {
    indelible_arena *arena = data;
    size_t rounded = (size + 15) & ~(size_t)15;
    if (rounded < size || rounded > arena->capacity - arena->used) return NULL;
    void *taken = arena->base + arena->used;
    arena->used += rounded;
    return taken;
}

static void arena_return(void *data, void *pointer) {
    (void)data;
    (void)pointer;
}

int indelible_arena_open(indelible_arena *arena, size_t capacity) {
    arena->base = malloc(capacity);
    if (arena->base == NULL) return -1;
    arena->capacity = capacity;
    arena->used = 0;
    arena->allocator.alloc = arena_take;
    arena->allocator.free = arena_return;
    arena->allocator.allocator_data = arena;
    return 0;
}

void indelible_arena_close(indelible_arena *arena) {
    free(arena->base);
    arena->base = NULL;
}

static int varint(const uint8_t **cursor, const uint8_t *end, uint64_t *value) {
    uint64_t result = 0;
    const uint8_t *p = *cursor;
    for (int shift = 0; shift < 70; shift += 7) {
        if (p >= end) return -1;
        uint8_t byte = *p++;
        if (shift == 63 && byte > 1) return -1;
        result |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *cursor = p;
            *value = result;
            return 0;
        }
    }
    return -1;
}

/// UTF-8 by the table of RFC 3629, section 4, and no NUL.
static int text(const uint8_t *p, size_t count) {
    const uint8_t *end = p + count;
    while (p < end) {
        uint8_t lead = *p++;
        if (lead == 0) return -1;
        if (lead < 0x80) continue;
        int more;
        uint8_t low = 0x80, high = 0xbf;
        if (lead >= 0xc2 && lead <= 0xdf) more = 1;
        else if (lead >= 0xe0 && lead <= 0xef) {
            more = 2;
            if (lead == 0xe0) low = 0xa0;
            if (lead == 0xed) high = 0x9f;
        } else if (lead >= 0xf0 && lead <= 0xf4) {
            more = 3;
            if (lead == 0xf0) low = 0x90;
            if (lead == 0xf4) high = 0x8f;
        } else return -1;
        if (end - p < more) return -1;
        if (*p < low || *p > high) return -1;
        for (p++, more--; more > 0; more--, p++)
            if (*p < 0x80 || *p > 0xbf) return -1;
    }
    return 0;
}

static const char *check(
    const ProtobufCMessageDescriptor *descriptor, const uint8_t *p, size_t count, uint32_t depth, uint32_t *fields) {
    const uint8_t *end = p + count;
    if (depth == 0) return "messages are nested too deeply";
    while (p < end) {
        uint64_t tag, value;
        if (varint(&p, end, &tag) != 0 || (tag >> 3) == 0 || (tag >> 3) > 0x1fffffff) return "a tag is malformed";
        if ((*fields)-- == 0) return "there are too many fields";
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(descriptor, (unsigned)(tag >> 3));
        switch (tag & 7) {
        case 0:
            if (varint(&p, end, &value) != 0) return "a number is malformed";
            break;
        case 1:
            if (end - p < 8) return "a fixed number is cut short";
            p += 8;
            break;
        case 5:
            if (end - p < 4) return "a fixed number is cut short";
            p += 4;
            break;
        case 2:
            if (varint(&p, end, &value) != 0 || value > (uint64_t)(end - p)) return "a length is beyond the end";
            if (field != NULL && field->type == PROTOBUF_C_TYPE_STRING && text(p, (size_t)value) != 0)
                return "a string is not UTF-8, or has a NUL";
            if (field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE) {
                const char *wrong = check(field->descriptor, p, (size_t)value, depth - 1, fields);
                if (wrong != NULL) return wrong;
            }
            p += value;
            break;
        default:
            return "a field has an unknown wire type";
        }
    }
    return NULL;
}

const char *indelible_proto_check(
    const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes, size_t count, indelible_proto_limits limits) {
    uint32_t fields = limits.fields_max;
    return check(descriptor, bytes, count, limits.depth_max, &fields);
}
