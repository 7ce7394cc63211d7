// Rows per second of CPU time of a peer's scoring library, through its C interface, on one core.
//
//   scoring ENGINE LIBRARY MODEL ROWS WIDTH CLASSES ROUNDS BATCH...
//
// ENGINE is lightgbm, xgboost, tl2cgen or lleaves; for the last two LIBRARY is the compiled model and MODEL is not read. ROWS
// is a file of binary32 numbers. Prints a line "BATCH ROWS_PER_SECOND" for each batch size: the best of the rounds.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double ROUND_SECONDS = 0.3;

static float *rows;
static double *wide_rows;
static size_t row_count, width, classes;
static double *out;
static void *library, *handle, *fast;

static void *function(const char *name) {
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "scoring: %s\n", dlerror());
        exit(1);
    }
    return found;
}

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// MARK: LightGBM

static int (*lgb_matrix)(void *, const void *, int, int32_t, int32_t, int, int, int, int, const char *, int64_t *,
                         double *);
static int (*lgb_row)(void *, const void *, int64_t *, double *);

static void lightgbm_open(const char *model) {
    int iterations;
    int (*create)(const char *, int *, void **) = function("LGBM_BoosterCreateFromModelfile");
    int (*prepare)(void *, int, int, int, int, int32_t, const char *, void **) =
        function("LGBM_BoosterPredictForMatSingleRowFastInit");
    lgb_matrix = function("LGBM_BoosterPredictForMat");
    lgb_row = function("LGBM_BoosterPredictForMatSingleRowFast");
    if (create(model, &iterations, &handle) != 0 ||
        prepare(handle, 1, 0, -1, 0, (int32_t)width, "num_threads=1", &fast) != 0)
        exit(1);
}

static void lightgbm_score(size_t first, size_t count) {
    int64_t length;
    if (count == 1)
        lgb_row(fast, rows + first * width, &length, out);
    else
        lgb_matrix(handle, rows + first * width, 0, (int32_t)count, (int32_t)width, 1, 1, 0, -1, "num_threads=1",
                   &length, out);
}

// MARK: XGBoost

static int (*xgb_predict)(void *, const char *, const char *, void *, const uint64_t **, uint64_t *, const float **);

static void xgboost_open(const char *model) {
    int (*create)(const void *, uint64_t, void **) = function("XGBoosterCreate");
    int (*load)(void *, const char *) = function("XGBoosterLoadModel");
    int (*set)(void *, const char *, const char *) = function("XGBoosterSetParam");
    int (*proxy)(void **) = function("XGProxyDMatrixCreate");
    xgb_predict = function("XGBoosterPredictFromDense");
    if (create(NULL, 0, &handle) != 0 || load(handle, model) != 0 || set(handle, "nthread", "1") != 0 ||
        proxy(&fast) != 0)
        exit(1);
}

static void xgboost_score(size_t first, size_t count) {
    static const char *options = "{\"type\":1,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
                                 "\"strict_shape\":false,\"cache_id\":0,\"missing\":NaN}";
    char values[160];
    const uint64_t *shape;
    uint64_t dimensions;
    const float *result;
    snprintf(values, sizeof values, "{\"data\":[%zu,true],\"shape\":[%zu,%zu],\"typestr\":\"<f4\",\"version\":3}",
             (size_t)(rows + first * width), count, width);
    if (xgb_predict(handle, values, options, fast, &shape, &dimensions, &result) != 0) exit(1);
}

// MARK: Compiled models

typedef union {
    int missing;
    double value;
} entry;

static void (*tl_predict)(entry *, int, double *);
static void (*ll_predict)(double *, double *, int, int);

static void tl2cgen_open(const char *model) {
    (void)model;
    tl_predict = function("predict");
}

static void tl2cgen_score(size_t first, size_t count) {
    entry *entries = __builtin_alloca(width * sizeof *entries);
    for (size_t row = first; row < first + count; row++) {
        for (size_t feature = 0; feature < width; feature++) {
            float value = rows[row * width + feature];
            if (value != value)
                entries[feature].missing = -1;
            else
                entries[feature].value = value;
        }
        memset(out, 0, classes * sizeof *out);
        tl_predict(entries, 1, out);
    }
}

static void lleaves_open(const char *model) {
    (void)model;
    ll_predict = function("forest_root");
}

static void lleaves_score(size_t first, size_t count) {
    ll_predict(wide_rows + first * width, out, 0, (int)count);
}

static const struct {
    const char *name;
    void (*open)(const char *);
    void (*score)(size_t, size_t);
} engines[] = {
    {"lightgbm", lightgbm_open, lightgbm_score},
    {"xgboost", xgboost_open, xgboost_score},
    {"tl2cgen", tl2cgen_open, tl2cgen_score},
    {"lleaves", lleaves_open, lleaves_score},
};

static void load_rows(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) exit(1);
    size_t count = (size_t)ftell(file) / sizeof(float);
    rewind(file);
    rows = malloc(count * sizeof *rows);
    wide_rows = malloc(count * sizeof *wide_rows);
    if (rows == NULL || wide_rows == NULL || fread(rows, sizeof *rows, count, file) != count) exit(1);
    fclose(file);
    for (size_t position = 0; position < count; position++) wide_rows[position] = rows[position];
    row_count = count / width;
}

int main(int argument_count, char **arguments) {
    if (argument_count < 9) {
        fprintf(stderr, "usage: scoring ENGINE LIBRARY MODEL ROWS WIDTH CLASSES ROUNDS BATCH...\n");
        return 2;
    }
    width = strtoul(arguments[5], NULL, 10);
    classes = strtoul(arguments[6], NULL, 10);
    load_rows(arguments[4]);
    out = calloc(row_count * classes, sizeof *out);
    library = dlopen(arguments[2], RTLD_NOW);
    if (library == NULL || out == NULL) {
        fprintf(stderr, "scoring: %s\n", dlerror());
        return 1;
    }
    size_t chosen = 0, engine_count = sizeof engines / sizeof *engines;
    while (chosen < engine_count && strcmp(engines[chosen].name, arguments[1]) != 0) chosen++;
    if (chosen == engine_count) return 2;
    engines[chosen].open(arguments[3]);
    for (int position = 8; position < argument_count; position++) {
        size_t batch = strtoul(arguments[position], NULL, 10);
        double best = 0;
        for (int round = 0; round < atoi(arguments[7]); round++) {
            size_t done = 0;
            double start = cpu_seconds(), taken;
            do {
                for (size_t call = 0; call < (batch < 4096 ? 4096 / batch : 1); call++, done += batch)
                    engines[chosen].score(done % (row_count - batch + 1), batch);
                taken = cpu_seconds() - start;
            } while (taken < ROUND_SECONDS);
            if ((double)done / taken > best) best = (double)done / taken;
        }
        printf("%zu %.0f\n", batch, best);
    }
    return 0;
}
