// SQLite as an audit log: WAL, full sync, each row's hash over the one before it. Prints one JSON object.
//
//   sqlite_chain DATABASE EVENTS BYTES ROWS-PER-TRANSACTION
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

_Noreturn static void die(const char *what, sqlite3 *database) {
    fprintf(stderr, "sqlite_chain: %s: %s\n", what, database ? sqlite3_errmsg(database) : "");
    exit(1);
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
    if (count != 5) die("usage: sqlite_chain DATABASE EVENTS BYTES ROWS", NULL);
    long events = atol(arguments[2]), bytes = atol(arguments[3]), rows = atol(arguments[4]);
    sqlite3 *database;
    if (sqlite3_open(arguments[1], &database)) die("open", database);
    if (sqlite3_exec(database,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                     "CREATE TABLE events (id INTEGER PRIMARY KEY, body BLOB NOT NULL, hash BLOB NOT NULL)",
                     NULL, NULL, NULL))
        die("create", database);
    sqlite3_stmt *insert;
    if (sqlite3_prepare_v2(database, "INSERT INTO events (body, hash) VALUES (?, ?)", -1, &insert, NULL))
        die("prepare", database);
    // Fetched once: fetching for every hash is slow in OpenSSL 3, and this is to be SQLite at its best.
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char hash[32] = {0}, *body = malloc((size_t)bytes);
    if (!sha256 || !context || !body) die("memory", NULL);
    memset(body, 'e', (size_t)bytes);
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (long event = 0; event < events; event++) {
        if (event % rows == 0 && sqlite3_exec(database, "BEGIN", NULL, NULL, NULL)) die("begin", database);
        memcpy(body, &event, sizeof event);
        EVP_DigestInit_ex(context, sha256, NULL);
        EVP_DigestUpdate(context, hash, sizeof hash);
        EVP_DigestUpdate(context, body, (size_t)bytes);
        EVP_DigestFinal_ex(context, hash, NULL);
        sqlite3_bind_blob(insert, 1, body, (int)bytes, SQLITE_STATIC);
        sqlite3_bind_blob(insert, 2, hash, sizeof hash, SQLITE_STATIC);
        if (sqlite3_step(insert) != SQLITE_DONE) die("insert", database);
        sqlite3_reset(insert);
        if ((event + 1) % rows == 0 && sqlite3_exec(database, "COMMIT", NULL, NULL, NULL)) die("commit", database);
    }
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"events_per_second\":%.0f,\"cpu_us_per_event\":%.2f}\n", (double)events / wall, cpu * 1e6 / (double)events);
    return 0;
}
