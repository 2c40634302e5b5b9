/* Loaded before the server's libraries: what cannot be done or seen from outside. SOAK_FOLDER is a
 * folder:
 *
 * While the file "disk" is in it, nothing that is written is synced: whoever asks waits until it is
 * gone. Every half a second "heap" says how many bytes of the heap are in use, and how many are
 * free and kept: what /proc shows is both.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { kPathBytes = 4096, kMomentMs = 10, kHeapMs = 500 };

static char disk[kPathBytes], heap[kPathBytes], next_heap[kPathBytes];

static void pause_ms(int ms) {
  const struct timespec moment = {ms / 1000, ms % 1000 * 1000000L};
  nanosleep(&moment, NULL);
}

static void wait_for_disk(void) {
  while (disk[0] != 0 && access(disk, F_OK) == 0) pause_ms(kMomentMs);
}

__attribute__((visibility("default"))) int fsync(int fd) {
  wait_for_disk();
  return (int)syscall(SYS_fsync, fd);
}

__attribute__((visibility("default"))) int fdatasync(int fd) {
  wait_for_disk();
  return (int)syscall(SYS_fdatasync, fd);
}

static void* tell_heap(void* unused) {
  for (;; pause_ms(kHeapMs)) {
    FILE* out = fopen(next_heap, "we");
    if (out == NULL) continue; /* the folder has gone: the end is near */
    const struct mallinfo2 info = mallinfo2();
    fprintf(out, "%zu %zu\n", info.uordblks + info.hblkhd, info.fordblks);
    fclose(out);
    rename(next_heap, heap);
  }
  return unused;
}

__attribute__((constructor)) static void begin(void) {
  const char* folder = getenv("SOAK_FOLDER");
  if (folder == NULL) return;
  snprintf(disk, sizeof(disk), "%s/disk", folder);
  snprintf(heap, sizeof(heap), "%s/heap", folder);
  snprintf(next_heap, sizeof(next_heap), "%s/heap.%d", folder, (int)getpid());
  pthread_t thread;
  if (pthread_create(&thread, NULL, tell_heap, NULL) == 0) pthread_detach(thread);
}
