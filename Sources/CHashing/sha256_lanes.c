// Feeds messages of different lengths to kernels that hash several at once.
//
// A lane holds one entry; when its entry ends, the lane takes the next one while the others go on. An entry's bytes are
// hashed where they lie, whole blocks at a time; only its first block (when the 0x00 byte of RFC 6962, section 2.1, cannot be
// written in front of it) and its padded end are staged.
#include "sha256_internal.h"

#include <stdbool.h>
#include <string.h>

typedef enum phase { IDLE, HEAD, BODY, TAIL } phase;

typedef struct lane {
    uint8_t head[IND_BLOCK_BYTES];
    // Room for a copy of the 64 bytes that end the message: a copy of known length is a few instructions.
    uint8_t before_tail[IND_BLOCK_BYTES];
    uint8_t tail[2 * IND_BLOCK_BYTES];
    const uint8_t *body;
    size_t body_blocks;
    size_t tail_blocks;
    size_t entry;
    phase phase;
    uint8_t borrowed; // What stood before the entry.
} lane;

typedef struct batch {
    const uint8_t *base;
    uint8_t *writable_base; // NULL unless the byte before each entry may be borrowed.
    const uint32_t *offsets;
    const uint32_t *lengths;
    size_t count;
    size_t taken;
    uint8_t *out;
} batch;

typedef struct lanes {
    _Alignas(64) uint32_t state[8 * IND_LANES_MAX];
    _Alignas(64) lane lane[IND_LANES_MAX];
    const uint8_t *next[IND_LANES_MAX]; // What a lane hashes next, and
    size_t left[IND_LANES_MAX];         // how many blocks of it lie there in one piece.
} lanes;

#define INLINE static inline __attribute__((always_inline))

INLINE void start_phase(lanes *all, size_t j, phase phase, const uint8_t *next, size_t blocks) {
    all->lane[j].phase = phase;
    all->next[j] = next;
    all->left[j] = blocks;
}

// Stages the `rest` bytes that end the message of `total` bytes, and the padding (FIPS 180-4, section 5.1.1).
INLINE void stage_tail(lane *lane, const uint8_t *entry, size_t length, size_t total) {
    size_t rest = total % IND_BLOCK_BYTES;
    memset(lane->tail, 0, sizeof lane->tail);
    if (total < IND_BLOCK_BYTES) {
        memcpy(lane->tail + 1, entry, length); // After the 0x00 prefix.
    } else if (rest > 0) {
        memcpy(lane->tail + rest - IND_BLOCK_BYTES, entry + length - IND_BLOCK_BYTES, IND_BLOCK_BYTES);
    }
    lane->tail[rest] = 0x80;
    lane->tail_blocks = rest < IND_BLOCK_BYTES - 8 ? 1 : 2;
    uint8_t *end = lane->tail + lane->tail_blocks * IND_BLOCK_BYTES;
    ind_store_be32(end - 8, (uint32_t)((uint64_t)total >> 29));
    ind_store_be32(end - 4, (uint32_t)((uint64_t)total << 3));
}

INLINE void take_entry(lanes *all, size_t j, size_t width, batch *batch) {
    lane *lane = &all->lane[j];
    size_t index = batch->taken++;
    size_t length = batch->lengths[index];
    size_t total = length + 1;
    size_t whole = total / IND_BLOCK_BYTES;
    const uint8_t *entry = batch->base + batch->offsets[index];
    for (size_t w = 0; w < 8; w++) all->state[w * width + j] = ind_sha256_initial_state[w];
    lane->entry = index;
    stage_tail(lane, entry, length, total);
    if (whole == 0) {
        start_phase(all, j, TAIL, lane->tail, lane->tail_blocks);
    } else if (batch->writable_base != NULL) {
        uint8_t *prefix = batch->writable_base + batch->offsets[index] - 1;
        lane->borrowed = *prefix;
        *prefix = 0x00;
        start_phase(all, j, BODY, prefix, whole);
    } else {
        lane->head[0] = 0x00;
        memcpy(lane->head + 1, entry, IND_BLOCK_BYTES - 1);
        lane->body = entry + IND_BLOCK_BYTES - 1;
        lane->body_blocks = whole - 1;
        start_phase(all, j, HEAD, lane->head, 1);
    }
}

// Moves a lane that has used up its piece to the next piece, or writes the digest and leaves the lane idle.
INLINE void finish_phase(lanes *all, size_t j, size_t width, batch *batch) {
    lane *lane = &all->lane[j];
    switch (lane->phase) {
    case HEAD:
        if (lane->body_blocks > 0) {
            start_phase(all, j, BODY, lane->body, lane->body_blocks);
        } else {
            start_phase(all, j, TAIL, lane->tail, lane->tail_blocks);
        }
        break;
    case BODY:
        if (batch->writable_base != NULL) batch->writable_base[batch->offsets[lane->entry] - 1] = lane->borrowed;
        start_phase(all, j, TAIL, lane->tail, lane->tail_blocks);
        break;
    case TAIL:
        for (size_t w = 0; w < 8; w++) {
            ind_store_be32(batch->out + lane->entry * IND_SHA256_BYTES + 4 * w, all->state[w * width + j]);
        }
        lane->phase = IDLE;
        break;
    case IDLE:
        break;
    }
}

// Ends what is left in the lanes, one lane after the other.
INLINE void drain(lanes *all, size_t width, batch *batch, ind_compress_one *compress) {
    for (size_t j = 0; j < width; j++) {
        uint32_t state[8];
        for (size_t w = 0; w < 8; w++) state[w] = all->state[w * width + j];
        while (all->lane[j].phase != IDLE) {
            compress(state, all->next[j], all->left[j]);
            for (size_t w = 0; w < 8; w++) all->state[w * width + j] = state[w];
            finish_phase(all, j, width, batch);
        }
    }
}

// The number of blocks that every busy lane has in one piece. Idle lanes are given a busy lane's bytes to chew on.
INLINE size_t common_blocks(lanes *all, size_t width) {
    size_t blocks = SIZE_MAX;
    const uint8_t *somewhere = NULL;
    for (size_t j = 0; j < width; j++) {
        if (all->lane[j].phase == IDLE || all->left[j] >= blocks) continue;
        blocks = all->left[j];
        somewhere = all->next[j];
    }
    for (size_t j = 0; j < width; j++) {
        if (all->lane[j].phase == IDLE) all->next[j] = somewhere;
    }
    return blocks;
}

// Inlined once per lane count, so that all loops over lanes have a known length.
INLINE void hash_batch(size_t width, const ind_kernel_table *table, batch *batch) {
    lanes all;
    size_t busy = batch->count < width ? batch->count : width;
    for (size_t j = 0; j < busy; j++) take_entry(&all, j, width, batch);
    for (size_t j = busy; j < width; j++) all.lane[j].phase = IDLE;
    while (busy >= table->lanes_worthwhile) {
        size_t blocks = common_blocks(&all, width);
        table->compress_lanes(all.state, all.next, blocks);
        for (size_t j = 0; j < width; j++) {
            if (all.lane[j].phase == IDLE) continue;
            all.next[j] += blocks * IND_BLOCK_BYTES;
            all.left[j] -= blocks;
            if (all.left[j] > 0) continue;
            finish_phase(&all, j, width, batch);
            if (all.lane[j].phase != IDLE) continue;
            if (batch->taken < batch->count) {
                take_entry(&all, j, width, batch);
            } else {
                busy--;
            }
        }
    }
    drain(&all, width, batch, table->compress_one);
}

static void leaf_hashes(ind_sha256_kernel kernel, batch batch) {
    ind_kernel_table table = ind_sha256_table(kernel);
    if (batch.count >= table.lanes_worthwhile) {
        switch (table.lanes) {
        case 16: hash_batch(16, &table, &batch); return;
        case 8: hash_batch(8, &table, &batch); return;
        case 2: hash_batch(2, &table, &batch); return;
        default: break;
        }
    }
    for (size_t i = 0; i < batch.count; i++) {
        ind_sha256_with(table.compress_one, 0x00, batch.base + batch.offsets[i], batch.lengths[i],
                        batch.out + i * IND_SHA256_BYTES);
    }
}

void ind_leaf_hashes(ind_sha256_kernel kernel, const uint8_t *base, const uint32_t *offsets, const uint32_t *lengths,
                     size_t count, uint8_t *out) {
    leaf_hashes(kernel, (batch){.base = base, .offsets = offsets, .lengths = lengths, .count = count, .out = out});
}

void ind_leaf_hashes_prefixed(ind_sha256_kernel kernel, uint8_t *base, const uint32_t *offsets, const uint32_t *lengths,
                              size_t count, uint8_t *out) {
    leaf_hashes(kernel, (batch){
        .base = base, .writable_base = base, .offsets = offsets, .lengths = lengths, .count = count, .out = out,
    });
}

void ind_node_hashes(ind_sha256_kernel kernel, const uint8_t *children, size_t count, uint8_t *out) {
    enum { PAIR_BYTES = 2 * IND_SHA256_BYTES };
    ind_kernel_table table = ind_sha256_table(kernel);
    size_t done = 0;
    if (table.node_group != NULL) {
        for (; count - done >= table.lanes; done += table.lanes) {
            table.node_group(children + done * PAIR_BYTES, out + done * IND_SHA256_BYTES);
        }
        size_t rest = count - done;
        if (rest >= table.lanes_worthwhile) {
            uint8_t staged[IND_LANES_MAX * PAIR_BYTES] = {0};
            uint8_t hashes[IND_LANES_MAX * IND_SHA256_BYTES];
            memcpy(staged, children + done * PAIR_BYTES, rest * PAIR_BYTES);
            table.node_group(staged, hashes);
            memcpy(out + done * IND_SHA256_BYTES, hashes, rest * IND_SHA256_BYTES);
            return;
        }
    }
    for (; done < count; done++) {
        ind_sha256_with(table.compress_one, 0x01, children + done * PAIR_BYTES, PAIR_BYTES,
                        out + done * IND_SHA256_BYTES);
    }
}
