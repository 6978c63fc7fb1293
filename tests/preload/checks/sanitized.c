// Built with each sanitizer: ends with status 3, or makes one mistake for its sanitizer to find.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#ifdef OWN_DEFAULT_OPTIONS
const char* __asan_default_options(void) { return ""; }
#endif

static int shared;

static void* count(void* argument) {
    for (int i = 0; i < 1000; ++i) ++shared;
    return argument;
}

static void overflow(void) {
    char* volatile block = malloc(20);
    block[20] = 1;
    free(block);
}

static void race(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, count, NULL);
    for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
}

static void uninitialised(void) {
    char* volatile block = malloc(20);
    if (block[3]) shared = 1;
    free(block);
}

int main(int argc, char** argv) {
    for (int i = 0; i < 10000; ++i) free(malloc((size_t)i));
    if (argc > 1 && strcmp(argv[1], "overflow") == 0) overflow();
    if (argc > 1 && strcmp(argv[1], "race") == 0) race();
    if (argc > 1 && strcmp(argv[1], "uninitialised") == 0) uninitialised();
    return 3;
}
