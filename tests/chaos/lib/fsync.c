// Loaded before libc: writes a line for every fsync of a database, to a file named by FSYNC_LOG. So a test counts what
// really reaches the disk, not what was asked of SQLite.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void tell(int fd) {
  const char *log = getenv("FSYNC_LOG");
  char link[64], path[512], line[600];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (!log || size < 0) return;
  path[size] = 0;
  if (!strstr(path, ".sqlite")) return;
  int out = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (out < 0) return;
  int length = snprintf(line, sizeof line, "%s\n", path);
  if (write(out, line, length) != length) abort();
  close(out);
}

// The line is written after the disk has said yes: a test that has read an ack finds the line there already.
static int counted(const char *name, int fd) {
  int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  int result = getenv("FSYNC_SKIP") ? 0 : next(fd);
  if (!getenv("FSYNC_SKIP")) tell(fd);
  return result;
}

int fsync(int fd) { return counted("fsync", fd); }
int fdatasync(int fd) { return counted("fdatasync", fd); }
